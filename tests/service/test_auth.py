"""Who may ask: signatures, secrets, and starting without either."""

import base64
import hashlib
import hmac
import json
import logging
import subprocess
import sys
import time
from typing import Any

import httpx
import pytest
from cognigy_context import ConfigurationError
from cognigy_context.service import Settings, router
from cognigy_context.testing import Sandbox
from conftest import SECRET, Serve, document, event

pytestmark = pytest.mark.anyio

KEY = "whsec_" + base64.b64encode(b"k" * 32).decode()
OTHER = "whsec_" + base64.b64encode(b"o" * 32).decode()


def signed(
    body: bytes, *, key: str = KEY, name: str = "msg_1", age: float = 0
) -> dict[str, str]:
    """The headers of Standard Webhooks, written down from their specification."""
    timestamp = str(int(time.time() - age))
    content = f"{name}.{timestamp}.".encode() + body
    secret = base64.b64decode(key.removeprefix("whsec_"))
    digest = hmac.new(secret, content, hashlib.sha256).digest()
    return {
        "webhook-id": name,
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


@pytest.fixture
async def service(serve: Serve, sandbox: Sandbox) -> httpx.AsyncClient:
    sandbox.seed("session-1")
    found: httpx.AsyncClient = await serve(
        headers={}, shared_secrets=(), webhook_secrets=(KEY,)
    )
    return found


def body_of(**fields: Any) -> bytes:
    return json.dumps(event(**fields)).encode()


async def test_a_signed_event_is_taken(service: httpx.AsyncClient) -> None:
    body = body_of()
    answer = await service.post("/webhook", content=body, headers=signed(body))
    assert answer.status_code == 200


async def test_one_good_signature_among_others_is_enough(
    service: httpx.AsyncClient,
) -> None:
    body = body_of()
    headers = signed(body)
    good = headers["webhook-signature"]
    headers["webhook-signature"] = f"v1a,xyz v1,AAAA {good} v2,{good}"
    answer = await service.post("/webhook", content=body, headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "spoil",
    [
        lambda headers: headers.clear(),
        lambda headers: headers.pop("webhook-id"),
        lambda headers: headers.pop("webhook-timestamp"),
        lambda headers: headers.pop("webhook-signature"),
        lambda headers: headers.update({"webhook-id": "msg_2"}),
        lambda headers: headers.update({"webhook-timestamp": "soon"}),
        lambda headers: headers.update({"webhook-timestamp": "9" * 400}),
        lambda headers: headers.update(signed(body_of(message="other"))),
        lambda headers: headers.update(signed(body_of(), key=OTHER)),
        lambda headers: headers.update(signed(body_of(), age=400)),
        lambda headers: headers.update(signed(body_of(), age=-400)),
        lambda headers: headers.update(
            {"webhook-signature": headers["webhook-signature"].replace("v1,", "v2,")}
        ),
    ],
)
async def test_anything_else_is_401_and_changes_nothing(
    service: httpx.AsyncClient, sandbox: Sandbox, spoil: Any
) -> None:
    body = body_of()
    headers = signed(body)
    spoil(headers)
    answer = await service.post("/webhook", content=body, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["type"].endswith(":caller-unknown")
    assert document(sandbox, "session-1") == {}
    assert sandbox.requests() == []


async def test_the_id_of_a_webhook_tells_duplicates(
    service: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    for message in ("first", "second"):
        body = body_of(message=message)
        await service.post("/webhook", content=body, headers=signed(body))
    assert document(sandbox, "session-1")["last_user_message"] == "first"


async def test_inspecting_is_under_the_same_lock(service: httpx.AsyncClient) -> None:
    path = "/context/inspect/session-1"
    assert (await service.get(path)).status_code == 401
    answer = await service.get(path, headers=signed(path.encode()))
    assert answer.status_code == 200
    # A signature of nothing, or of another path, is good for neither.
    for content in (b"", b"/context/inspect/session-2"):
        answer = await service.get(path, headers=signed(content))
        assert answer.status_code == 401


async def test_a_secret_can_be_changed_without_a_gap(
    serve: Serve, sandbox: Sandbox
) -> None:
    sandbox.seed("session-1")
    service = await serve(
        headers={}, shared_secrets=("old", "new"), webhook_secrets=(OTHER, KEY)
    )
    body = body_of()
    for headers in (
        {"x-webhook-secret": "old"},
        {"x-webhook-secret": "new"},
        signed(body),
        signed(body, key=OTHER),
    ):
        answer = await service.post("/webhook", content=body, headers=headers)
        assert answer.status_code == 200
    answer = await service.post(
        "/webhook", content=body, headers={"x-webhook-secret": "olde"}
    )
    assert answer.status_code == 401


@pytest.mark.parametrize("route", ["/webhook", "/context/sync"])
async def test_nothing_is_read_of_those_who_cannot_be_known(
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
    "given",
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
def test_settings_that_cannot_be_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        router(Settings(**given))


def test_settings_come_from_the_environment() -> None:
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


def test_secrets_are_not_shown() -> None:
    settings = Settings(
        shared_secrets=(SECRET,), redis_url="redis://:pw@h", hash_key="hk"
    )
    assert not any(word in repr(settings) for word in (SECRET, "pw@h", "hk"))


@pytest.mark.parametrize(
    ("environment", "arguments", "said"),
    [
        ({}, (), "--no-auth"),
        ({"COGNIGY_BASE_URL": ""}, ("--no-auth",), "base_url"),
        ({}, ("--no-auth", "--workers", "2"), "Redis"),
        ({}, ("--no-auth", "--redis-url", "nowhere"), "redis://"),
    ],
)
def test_it_refuses_to_start_and_says_why(
    environment: dict[str, str], arguments: tuple[str, ...], said: str
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
    assert said in done.stderr
    assert "Traceback" not in done.stderr


async def test_logs_hold_no_id_no_secret_and_no_words_of_users(
    serve: Serve, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("cognigy_context", "cognigy_context.service"):
        caplog.set_level(logging.DEBUG, logger=name)
    sandbox.seed("session-1")
    service = await serve(rate="off")
    await service.post("/webhook", json=event(message="my secret words"))
    await service.get("/context/inspect/session-1")
    sandbox.fault(status=500)
    await service.post("/webhook", json=event(message="my secret words", timestamp=101))
    ours = [r for r in caplog.records if r.name.startswith("cognigy_context")]
    text = "\n".join(record.getMessage() for record in ours)
    assert "/webhook 200 ok" in text
    assert "/webhook 502 upstream-failed" in text
    for word in (
        "session-1",
        "my secret words",
        "user-1",
        SECRET,
        sandbox.client_secret,
    ):
        assert word not in text
