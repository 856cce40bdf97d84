"""What the tests share: a Redis, a sandbox, the service in this process and in others."""

import json
import logging
import os
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from cognigy_context import AsyncClient
from cognigy_context.service import Settings, Store, create_app
from cognigy_context.testing import Sandbox
from redis_server import RedisServer
from workers import Workers

# What both suites use.
sys.path.append(str(Path(__file__).parent.parent / "python"))
pytest_plugins = ["seed"]

SECRET = "a-shared-secret"
HEADERS = {"x-webhook-secret": SECRET}
# Longer than a test may take on a loaded machine. Tests of these times set their own.
PATIENT = {"budget_seconds": 300.0, "lease_seconds": 120.0, "store_timeout": 60.0}

logging.getLogger("cognigy_context").setLevel(logging.CRITICAL)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("COGNIGY_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def redis_program() -> str:
    program = os.environ.get("REDIS_SERVER")
    if not program:
        pytest.fail("REDIS_SERVER names no program: run scripts/test/service.sh")
    return program


@pytest.fixture(scope="session")
def shared_redis(redis_program: str) -> Iterator[RedisServer]:
    with RedisServer(redis_program) as redis:
        yield redis


@pytest.fixture
def redis(shared_redis: RedisServer) -> RedisServer:
    """A Redis that holds nothing. Tests that stop it start one of their own."""
    shared_redis.flush()
    return shared_redis


@pytest.fixture
def own_redis(redis_program: str) -> Iterator[RedisServer]:
    """A Redis to be killed or held up."""
    with RedisServer(redis_program) as redis:
        yield redis


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A tenant that has seen nothing: of the test's own, where its service is."""
    if "shared_service" in request.fixturenames:
        sandbox: Sandbox = request.getfixturevalue("shared_sandbox")
        sandbox.reset()
        yield sandbox
    else:
        with Sandbox() as sandbox:
            yield sandbox


def control(sandbox: Sandbox, method: str, path: str, body: object = None) -> Any:
    """Calls a control route of the sandbox."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"{sandbox.url}/_sandbox/{path}", data=data, method=method
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def document(sandbox: Sandbox, session_id: str) -> dict[str, Any]:
    """A session's context document, as the tenant holds it."""
    return sandbox.session(session_id).get("document", {})


def event(session_id: str = "session-1", **fields: Any) -> dict[str, Any]:
    """An event; what is not given is the same each time."""
    return {
        "sessionId": session_id,
        "userId": "user-1",
        "message": "Where is my order?",
        "channel": "webchat",
        "timestamp": 100,
    } | fields


Serve = Callable[..., Any]


@pytest.fixture
async def serve(sandbox: Sandbox) -> AsyncIterator[Serve]:
    """Makes services in this process: ``await serve(budget_seconds=1.0)`` gives an HTTP client.

    ``client`` holds options of the client. The tenant is not asked twice, unless it says so.
    """
    async with AsyncExitStack() as stack:

        async def start(
            client: dict[str, Any] | None = None,
            headers: dict[str, str] | None = None,
            store: Store | None = None,
            **settings: Any,
        ) -> httpx.AsyncClient:
            settings = {"shared_secrets": (SECRET,)} | PATIENT | settings
            options: dict[str, Any] = {
                "client_id": sandbox.client_id,
                "client_secret": sandbox.client_secret,
                "max_retries": 0,
                "rate": None,
            }
            caller = await stack.enter_async_context(
                _served(
                    Settings(**settings),
                    {"base_url": sandbox.url} | options | (client or {}),
                    HEADERS if headers is None else headers,
                    store,
                )
            )
            return caller

        yield start


@asynccontextmanager
async def _served(
    settings: Settings,
    options: dict[str, Any],
    headers: dict[str, str],
    store: Store | None,
) -> AsyncIterator[httpx.AsyncClient]:
    async with AsyncClient(**options) as client:
        app = create_app(settings, store=store, client=client)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://service", headers=headers
            ) as caller:
                yield caller


@pytest.fixture
def workers(tmp_path: Path, sandbox: Sandbox) -> Iterator[Callable[..., Workers]]:
    """Starts services of several processes: ``workers(redis, count=4)``."""
    running: list[Workers] = []

    def start(
        redis: RedisServer, count: int = 4, base_url: str = sandbox.url, **settings: Any
    ) -> Workers:
        log = tmp_path / f"service-{len(running)}.log"
        variables = environment(sandbox, redis, **settings)
        found = Workers(log, count, variables | {"COGNIGY_BASE_URL": base_url})
        running.append(found)
        return found

    yield start
    for service in running:
        service.stop()


@pytest.fixture(scope="session")
def shared_service(
    tmp_path_factory: pytest.TempPathFactory,
    shared_sandbox: Sandbox,
    shared_redis: RedisServer,
) -> Iterator[Workers]:
    log = tmp_path_factory.mktemp("service") / "log"
    found = Workers(log, 4, environment(shared_sandbox, shared_redis))
    yield found
    found.stop()


@pytest.fixture
def service(shared_service: Workers, redis: RedisServer, sandbox: Sandbox) -> Workers:
    """A service of four processes, for tests that leave it as it is."""
    return shared_service


def environment(
    sandbox: Sandbox, redis: RedisServer, **settings: object
) -> dict[str, str]:
    """What a service is configured with."""
    found = {
        "COGNIGY_BASE_URL": sandbox.url,
        "COGNIGY_CLIENT_ID": sandbox.client_id,
        "COGNIGY_CLIENT_SECRET": sandbox.client_secret,
        "COGNIGY_SERVICE_SHARED_SECRETS": SECRET,
        "COGNIGY_SERVICE_REDIS_URL": redis.url,
        "COGNIGY_SERVICE_RATE": "off",
    }
    for name, value in (PATIENT | settings).items():
        found[f"COGNIGY_SERVICE_{name.upper()}"] = str(value)
    return found
