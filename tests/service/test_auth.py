"""Authentication of callers, and the settings of the service."""

import base64
import hashlib
import hmac
import json
import logging
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from cognigy_context import ConfigurationError
from cognigy_context.service import Settings, router
from cognigy_context.testing import Sandbox
from conftest import SECRET, Serve, event, stored_document
from redis_server import RedisServer

pytestmark = pytest.mark.anyio

KEY = "whsec_" + base64.b64encode(b"k" * 32).decode()
OTHER_KEY = "whsec_" + base64.b64encode(b"o" * 32).decode()


def signed_headers(
    body: bytes, *, key: str = KEY, age_seconds: float = 0
) -> dict[str, str]:
    """Returns the headers of a request that is signed as Standard Webhooks specifies."""
    webhook_id = "msg_1"
    timestamp = str(int(time.time() - age_seconds))
    content = f"{webhook_id}.{timestamp}.".encode() + body
    secret = base64.b64decode(key.removeprefix("whsec_"))
    digest = hmac.new(secret, content, hashlib.sha256).digest()
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


@pytest.fixture
async def service(serve: Serve, sandbox: Sandbox) -> httpx.AsyncClient:
    sandbox.seed("session-1")
    service: httpx.AsyncClient = await serve(
        headers={}, shared_secrets=(), webhook_secrets=(KEY,)
    )
    return service


def event_body(**fields: Any) -> bytes:
    return json.dumps(event(**fields)).encode()


async def test_signed_event_is_accepted(service: httpx.AsyncClient) -> None:
    body = event_body()
    response = await service.post(
        "/webhook", content=body, headers=signed_headers(body)
    )
    assert response.status_code == 200


async def test_one_valid_signature_of_several_is_accepted(
    service: httpx.AsyncClient,
) -> None:
    body = event_body()
    headers = signed_headers(body)
    valid = headers["webhook-signature"]
    headers["webhook-signature"] = f"v1a,xyz v1,AAAA {valid} v2,{valid}"
    response = await service.post("/webhook", content=body, headers=headers)
    assert response.status_code == 200


def without(name: str) -> dict[str, str]:
    headers = signed_headers(event_body())
    del headers[name]
    return headers


def with_changed(name: str, value: str) -> dict[str, str]:
    return signed_headers(event_body()) | {name: value}


@pytest.mark.parametrize(
    ("make_headers", "reason"),
    [
        (dict, "missing"),
        (lambda: without("webhook-id"), "missing"),
        (lambda: without("webhook-timestamp"), "missing"),
        (lambda: without("webhook-signature"), "missing"),
        (lambda: with_changed("webhook-id", ""), "malformed"),
        (lambda: with_changed("webhook-id", "msg_2"), "wrong"),
        (lambda: with_changed("webhook-timestamp", "soon"), "malformed"),
        (lambda: with_changed("webhook-timestamp", "9" * 400), "malformed"),
        (lambda: with_changed("webhook-signature", ""), "malformed"),
        (lambda: with_changed("webhook-signature", "v2,AAAA"), "malformed"),
        (lambda: with_changed("webhook-signature", "v1,é"), "wrong"),
        (lambda: signed_headers(event_body(message="other")), "wrong"),
        (lambda: signed_headers(event_body(), key=OTHER_KEY), "wrong"),
        (lambda: signed_headers(event_body(), age_seconds=400), "stale"),
        (lambda: signed_headers(event_body(), age_seconds=-400), "stale"),
        (lambda: {"x-webhook-secret": "some"}, "wrong"),
    ],
)
async def test_invalid_signature_is_401_and_its_reason_is_in_the_log(
    service: httpx.AsyncClient,
    sandbox: Sandbox,
    caplog: pytest.LogCaptureFixture,
    make_headers: Callable[[], dict[str, str]],
    reason: str,
) -> None:
    caplog.set_level(logging.INFO, logger="cognigy_context.service")
    body = event_body()
    headers = {name: text.encode() for name, text in make_headers().items()}
    response = await service.post("/webhook", content=body, headers=headers)
    (message,) = [record.getMessage() for record in caplog.records]
    assert message.startswith(f"/webhook 401 caller-unknown reason={reason} session=- ")
    assert reason not in response.text
    metrics = (await service.get("/metrics")).text
    name = "cognigy_context_service_refused_callers_total"
    assert f'{name}{{reason="{reason}"}} 1.0' in metrics
    assert response.status_code == 401
    assert response.json()["type"].endswith(":caller-unknown")
    assert stored_document(sandbox, "session-1") == {}
    assert sandbox.requests() == []


async def test_webhook_id_identifies_duplicates(
    service: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    for message in ("first", "second"):
        body = event_body(message=message)
        await service.post("/webhook", content=body, headers=signed_headers(body))
    assert stored_document(sandbox, "session-1")["last_user_message"] == "first"


@pytest.mark.parametrize("kind", ["memory", "redis"])
async def test_signed_sync_takes_effect_once(
    serve: Serve, sandbox: Sandbox, redis: RedisServer, kind: str
) -> None:
    sandbox.seed("session-1")
    service = await serve(
        headers={},
        shared_secrets=(),
        webhook_secrets=(KEY,),
        redis_url=redis.url if kind == "redis" else None,
    )
    # An event and a sync may have the same id.
    body = event_body()
    response = await service.post(
        "/webhook", content=body, headers=signed_headers(body)
    )
    assert response.status_code == 200
    body = json.dumps({"session_id": "session-1", "data": {"v": "old"}}).encode()
    headers = signed_headers(body)
    # The id counts only after a success.
    sandbox.fault(status=500, times=1)
    response = await service.post("/context/sync", content=body, headers=headers)
    assert response.status_code == 502
    first = await service.post("/context/sync", content=body, headers=headers)
    assert first.status_code == 200
    assert stored_document(sandbox, "session-1")["v"] == "old"
    sandbox.seed("session-1", document={"v": "new"})
    again = await service.post("/context/sync", content=body, headers=headers)
    assert (again.status_code, again.json()) == (200, first.json())
    assert stored_document(sandbox, "session-1")["v"] == "new"


async def test_equal_syncs_without_an_id_take_effect_each_time(
    serve: Serve, sandbox: Sandbox
) -> None:
    sandbox.seed("session-1")
    service = await serve()
    body = {"session_id": "session-1", "data": {"v": 1}}
    for _ in range(2):
        sandbox.seed("session-1", document={"v": 2})
        assert (await service.post("/context/sync", json=body)).status_code == 200
        assert stored_document(sandbox, "session-1")["v"] == 1


def test_deliveries_are_remembered_while_their_signature_is_valid() -> None:
    short = Settings(webhook_secrets=(KEY,), event_ttl=60.0)
    assert short.dedup_ttl == 600
    assert Settings(webhook_secrets=(KEY,)).dedup_ttl == 3_600
    assert Settings(no_auth=True, event_ttl=60.0).dedup_ttl == 60


async def test_inspect_requires_a_signature_of_its_path(
    service: httpx.AsyncClient,
) -> None:
    path = "/context/inspect/session-1"
    assert (await service.get(path)).status_code == 401
    response = await service.get(path, headers=signed_headers(path.encode()))
    assert response.status_code == 200
    # A signature of empty content or of another path is invalid.
    for content in (b"", b"/context/inspect/session-2"):
        response = await service.get(path, headers=signed_headers(content))
        assert response.status_code == 401


async def test_all_configured_secrets_are_accepted(
    serve: Serve, sandbox: Sandbox
) -> None:
    sandbox.seed("session-1")
    service = await serve(
        headers={}, shared_secrets=("old", "new"), webhook_secrets=(OTHER_KEY, KEY)
    )
    body = event_body()
    for headers in (
        {"x-webhook-secret": "old"},
        {"x-webhook-secret": "new"},
        signed_headers(body),
        signed_headers(body, key=OTHER_KEY),
    ):
        response = await service.post("/webhook", content=body, headers=headers)
        assert response.status_code == 200
    response = await service.post(
        "/webhook", content=body, headers={"x-webhook-secret": "olde"}
    )
    assert response.status_code == 401


@pytest.mark.parametrize("route", ["/webhook", "/context/sync"])
async def test_body_of_an_unauthenticated_caller_is_not_read(
    serve: Serve, route: str
) -> None:
    service = await serve(headers={"x-webhook-secret": "wrong"})
    was_read = False

    async def body() -> Any:
        nonlocal was_read
        was_read = True
        yield b"{}"

    assert (await service.post(route, content=body())).status_code == 401
    assert not was_read


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"shared_secrets": ("",)},
        {"webhook_secrets": ("whsec_***",)},
        {"no_auth": True, "rate": "fast"},
        {"no_auth": True, "rate": "0/60"},
        {"no_auth": True, "budget_seconds": 0.0},
        {"no_auth": True, "reserve_seconds": 10.0},
        {"no_auth": True, "hash_key": ""},
    ],
)
def test_invalid_settings_raise_configuration_error(
    arguments: dict[str, Any],
) -> None:
    with pytest.raises(ConfigurationError):
        router(Settings(**arguments))


def test_settings_are_read_from_environment_variables() -> None:
    settings = Settings.from_env(
        {
            "COGNIGY_SERVICE_SHARED_SECRETS": "a, b",
            "COGNIGY_SERVICE_BUDGET_SECONDS": "4.5",
            "COGNIGY_SERVICE_MAX_CONCURRENT": "9",
            "COGNIGY_SERVICE_METRICS": "0",
            "COGNIGY_SERVICE_RATE": "100/60",
        }
    )
    assert settings.shared_secrets == ("a", "b")
    assert settings.budget_seconds == 4.5
    assert settings.max_concurrent == 9
    assert settings.metrics is False
    assert settings.limits() == (100, 60.0)
    with pytest.raises(ConfigurationError, match="COGNIGY_SERVICE_NO_AUTH"):
        Settings.from_env({"COGNIGY_SERVICE_NO_AUTH": "perhaps"})


def test_repr_of_settings_contains_no_secrets() -> None:
    settings = Settings(
        shared_secrets=(SECRET,), redis_url="redis://:pw@h", hash_key="hk"
    )
    assert not any(word in repr(settings) for word in (SECRET, "pw@h", "hk"))


@pytest.mark.parametrize(
    ("environment", "arguments", "message"),
    [
        ({}, (), "--no-auth"),
        ({"COGNIGY_BASE_URL": ""}, ("--no-auth",), "base_url"),
        ({}, ("--no-auth", "--workers", "2"), "Redis"),
        ({}, ("--no-auth", "--redis-url", "nowhere"), "redis://"),
    ],
)
def test_invalid_configuration_exits_2_with_the_reason(
    environment: dict[str, str], arguments: tuple[str, ...], message: str
) -> None:
    base = {"COGNIGY_BASE_URL": "http://127.0.0.1:9", "COGNIGY_API_KEY": "k"}
    done = subprocess.run(
        [sys.executable, "-m", "cognigy_context.service", "--port", "0", *arguments],
        env=base | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


async def test_log_contains_no_ids_no_secrets_and_no_data(
    serve: Serve, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("cognigy_context", "cognigy_context.service"):
        caplog.set_level(logging.DEBUG, logger=name)
    sandbox.seed("session-1")
    service = await serve(rate="off")
    for timestamp in (100, 100, 99):
        body = event(message="my secret words", timestamp=timestamp)
        await service.post("/webhook", json=body)
    await service.get("/context/inspect/session-1")
    sandbox.fault(status=500)
    await service.post("/webhook", json=event(message="my secret words", timestamp=101))
    text = "\n".join(
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("cognigy_context")
    )
    assert "/webhook 200 processed" in text
    assert "/webhook 200 duplicate" in text
    assert "/webhook 200 older" in text
    assert "/context/inspect/{session_id} 200 ok" in text
    assert "/webhook 502 upstream-failed" in text
    for word in (
        "session-1",
        "my secret words",
        "user-1",
        SECRET,
        sandbox.client_secret,
    ):
        assert word not in text
