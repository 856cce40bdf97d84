"""The fixtures of the tests: Redis, a sandbox, and the service in this process or in workers."""

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

# The folder of the modules that these tests share with the tests of the package.
sys.path.append(str(Path(__file__).parent.parent / "python"))
pytest_plugins = ["seed"]

SECRET = "a-shared-secret"
HEADERS = {"x-webhook-secret": SECRET}
# Seconds, longer than any test takes on a loaded machine. Tests of these settings use shorter times.
LONG_TIMES = {"budget_seconds": 300.0, "lease_seconds": 120.0, "store_timeout": 60.0}

logging.getLogger("cognigy_context").setLevel(logging.CRITICAL)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _without_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("COGNIGY_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def redis_program() -> str:
    program = os.environ.get("REDIS_SERVER")
    if not program:
        pytest.fail("REDIS_SERVER is not set. Run scripts/test/service.sh.")
    return program


@pytest.fixture(scope="session")
def shared_redis(redis_program: str) -> Iterator[RedisServer]:
    with RedisServer(redis_program) as redis:
        yield redis


@pytest.fixture
def redis(shared_redis: RedisServer) -> RedisServer:
    """An empty Redis. Tests that stop or pause Redis use ``own_redis``."""
    shared_redis.flush()
    return shared_redis


@pytest.fixture
def own_redis(redis_program: str) -> Iterator[RedisServer]:
    """A Redis that the test may kill or pause."""
    with RedisServer(redis_program) as redis:
        yield redis


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """An empty tenant: that of the shared service, if the test uses it, or a new one."""
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
    with opener.open(request) as response:
        text = response.read()
    return json.loads(text) if text else None


def stored_document(sandbox: Sandbox, session_id: str) -> dict[str, Any]:
    """Returns the context document of a session in the tenant."""
    return sandbox.session(session_id).get("document", {})


def event(session_id: str = "session-1", **fields: Any) -> dict[str, Any]:
    """Returns an event with fixed values for the fields that are not given."""
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
    """Starts services in this process: ``await serve(budget_seconds=1.0)`` returns an HTTP client.

    The argument ``client`` contains options of the client that calls the tenant. By default this client
    does not retry.
    """
    async with AsyncExitStack() as stack:

        async def start(
            client: dict[str, Any] | None = None,
            headers: dict[str, str] | None = None,
            store: Store | None = None,
            **settings: Any,
        ) -> httpx.AsyncClient:
            settings = {"shared_secrets": (SECRET,)} | LONG_TIMES | settings
            options: dict[str, Any] = {
                "client_id": sandbox.client_id,
                "client_secret": sandbox.client_secret,
                "max_retries": 0,
                "rate": None,
            }
            caller = await stack.enter_async_context(
                _run_service(
                    Settings(**settings),
                    {"base_url": sandbox.url} | options | (client or {}),
                    HEADERS if headers is None else headers,
                    store,
                )
            )
            return caller

        yield start


@asynccontextmanager
async def _run_service(
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
    """Starts services with several worker processes: ``workers(redis, count=4)``."""
    running: list[Workers] = []

    def start(
        redis: RedisServer, count: int = 4, base_url: str = sandbox.url, **settings: Any
    ) -> Workers:
        log = tmp_path / f"service-{len(running)}.log"
        variables = environment(sandbox, redis, **settings)
        service = Workers(log, count, variables | {"COGNIGY_BASE_URL": base_url})
        running.append(service)
        return service

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
    workers = Workers(log, 4, environment(shared_sandbox, shared_redis))
    yield workers
    workers.stop()


@pytest.fixture
def service(shared_service: Workers, redis: RedisServer, sandbox: Sandbox) -> Workers:
    """A service with four workers, for tests that do not stop it."""
    return shared_service


def environment(
    sandbox: Sandbox, redis: RedisServer, **settings: object
) -> dict[str, str]:
    """Returns the environment variables of a service."""
    variables = {
        "COGNIGY_BASE_URL": sandbox.url,
        "COGNIGY_CLIENT_ID": sandbox.client_id,
        "COGNIGY_CLIENT_SECRET": sandbox.client_secret,
        "COGNIGY_SERVICE_SHARED_SECRETS": SECRET,
        "COGNIGY_SERVICE_REDIS_URL": redis.url,
        "COGNIGY_SERVICE_RATE": "off",
    }
    for name, value in (LONG_TIMES | settings).items():
        variables[f"COGNIGY_SERVICE_{name.upper()}"] = str(value)
    return variables
