"""Successful requests to the routes of the service."""

from typing import Any
from urllib.parse import quote

import anyio
import anyio.to_thread
import httpx
import pytest
from cognigy_context import hash_session_id
from cognigy_context.service import Settings, Store
from cognigy_context.service.memory_store import MemoryStore
from cognigy_context.service.ordering import Admission
from cognigy_context.service.redis_store import RedisStore
from cognigy_context.testing import Sandbox
from conftest import LONG_TIMES, Serve, control, event, stored_document
from pausing_proxy import PausingProxy
from redis_server import RedisServer

pytestmark = pytest.mark.anyio


async def test_webhook_stores_and_injects_the_event_before_the_response(
    serve: Serve, sandbox: Sandbox, redis: RedisServer
) -> None:
    sandbox.seed("session-1")
    service = await serve(redis_url=redis.url)
    response = await service.post("/webhook", json=event(custom={"page": "/orders"}))
    assert response.status_code == 200
    assert response.json() == {"status": "processed", "sessionId": "session-1"}
    derived = {
        "last_user_message": "Where is my order?",
        "webhook_timestamp": 100,
        "channel_type": "webchat",
        "custom_data": '{"page":"/orders"}',
    }
    assert stored_document(sandbox, "session-1") == derived
    key = "session:" + hash_session_id("session-1")
    with redis.client() as client:
        assert httpx.Response(200, content=client.get(key)).json() == derived
        assert 3_000 < client.ttl(key) <= 3_600


async def test_hash_key_changes_the_keys_in_redis(
    serve: Serve, sandbox: Sandbox, redis: RedisServer
) -> None:
    sandbox.seed("session-1")
    service = await serve(redis_url=redis.url, hash_key="k")
    assert (await service.post("/webhook", json=event())).status_code == 200
    with redis.client() as client:
        assert client.exists("session:" + hash_session_id("session-1", key="k"))
        plain = hash_session_id("session-1").encode()
        assert not [key for key in client.scan_iter() if plain in key]


async def test_new_token_is_requested_after_a_revocation(
    serve: Serve, sandbox: Sandbox
) -> None:
    sandbox.seed("session-1")
    service = await serve()
    for timestamp in range(3):
        response = await service.post("/webhook", json=event(timestamp=timestamp))
        assert response.status_code == 200
        control(sandbox, "DELETE", "tokens")
    assert control(sandbox, "GET", "counters")["tokensGranted"] == 3


async def test_requests_share_one_token(serve: Serve, sandbox: Sandbox) -> None:
    sandbox.seed("session-1")
    service = await serve()
    for timestamp in range(5):
        await service.post("/webhook", json=event(timestamp=timestamp))
    assert control(sandbox, "GET", "counters")["tokensGranted"] == 1


async def test_sync_merges_and_returns_the_size_of_the_document(
    serve: Serve, sandbox: Sandbox
) -> None:
    control(sandbox, "PUT", "sessions/session-1", {"document": {"a": {"b": 1}, "c": 2}})
    service = await serve()
    body = {"session_id": "session-1", "data": {"a": {"d": "ü"}}}
    response = await service.post("/context/sync", json=body)
    merged = {"a": {"b": 1, "d": "ü"}, "c": 2}
    assert response.json() == {
        "status": "success",
        "context_size_bytes": len('{"a":{"b":1,"d":"ü"},"c":2}'.encode()),
    }
    assert stored_document(sandbox, "session-1") == merged
    inspected = (await service.get("/context/inspect/session-1")).json()
    assert inspected["current_context"] == merged


@pytest.mark.parametrize(
    "session", ["unknown/here", "a\nb", "a\r\n", "\u2028", "%2F", "{}"]
)
async def test_inspect_of_an_unknown_session_is_empty(
    serve: Serve, session: str
) -> None:
    service = await serve()
    response = await service.get(f"/context/inspect/{quote(session, safe='')}")
    assert response.json() == {
        "session_id": session,
        "current_context": {},
        "variables": {},
        "ttl_registry": {},
        "recent_audit_trail": [],
        "schema_valid": True,
    }


@pytest.mark.parametrize("kind", ["memory", "redis"])
async def test_inspect_returns_the_last_ten_actions_with_hashed_ids(
    serve: Serve, sandbox: Sandbox, redis: RedisServer, kind: str
) -> None:
    sandbox.seed("session-1")
    service = await serve(redis_url=redis.url if kind == "redis" else None)
    for timestamp in range(12):
        await service.post("/webhook", json=event(timestamp=timestamp))
    sync = {"session_id": "session-1", "data": {"tier": "gold"}}
    await service.post("/context/sync", json=sync)
    inspected = (await service.get("/context/inspect/session-1")).json()
    assert inspected["variables"]["webhook_timestamp"] == 11
    assert inspected["current_context"]["tier"] == "gold"
    assert set(inspected["ttl_registry"]) == {"/current_context", "/variables"}
    trail = inspected["recent_audit_trail"]
    assert [entry["action"] for entry in trail] == ["webhook"] * 9 + ["sync"]
    assert {entry["session_id"] for entry in trail} == {hash_session_id("session-1")}
    assert len({entry["audit_trail_id"] for entry in trail}) == 10


async def test_inspect_contains_the_variables_of_an_event_that_failed(
    serve: Serve,
) -> None:
    service = await serve()
    # The tenant has no such session.
    assert (await service.post("/webhook", json=event())).status_code == 404
    inspected = (await service.get("/context/inspect/session-1")).json()
    assert inspected["variables"]["webhook_timestamp"] == 100
    assert inspected["recent_audit_trail"] == []


async def test_inspect_validates_the_context_against_the_schema(
    serve: Serve, sandbox: Sandbox, tmp_path: Any
) -> None:
    (tmp_path / "schema.json").write_text('{"required": ["tier"]}')
    sandbox.seed("session-1")
    service = await serve(schema_file=str(tmp_path / "schema.json"))
    before = (await service.get("/context/inspect/session-1")).json()
    sync = {"session_id": "session-1", "data": {"tier": "gold"}}
    await service.post("/context/sync", json=sync)
    after = (await service.get("/context/inspect/session-1")).json()
    assert [before["schema_valid"], after["schema_valid"]] == [False, True]


class RecordingStore:
    """A store that records the calls of its methods, with their results."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._calls: list[tuple[str, object]] = []

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        async def call(*arguments: Any, **named: Any) -> Any:
            result = await method(*arguments, **named)
            self._calls.append((name, result))
            return result

        return call

    async def wait_for_call(self, name: str, result: object, times: int = 1) -> None:
        with anyio.fail_after(120):
            while self._calls.count((name, result)) < times:
                await anyio.sleep(0.005)


@pytest.mark.parametrize("kind", [MemoryStore, lambda it: RedisStore(it, "tenant")])
async def test_lease_is_renewed_during_the_injection(
    serve: Serve, sandbox: Sandbox, redis: RedisServer, kind: Any
) -> None:
    sandbox.seed("session-1")
    # The store grants long leases; the service renews them as often as short ones.
    settings = Settings(no_auth=True, redis_url=redis.url, **LONG_TIMES)
    store = RecordingStore(kind(settings))
    with PausingProxy(sandbox.url, "/api/v1/sessions") as proxy:
        service = await serve({"base_url": proxy.url}, store=store, lease_seconds=0.03)

        async def post(message: str, timestamp: int) -> None:
            body = event(message=message, timestamp=timestamp)
            assert (await service.post("/webhook", json=body)).status_code == 200

        async with anyio.create_task_group() as group:
            group.start_soon(post, "first", 100)
            await anyio.to_thread.run_sync(proxy.wait_until_paused)
            await store.wait_for_call("renew", True, times=3)
            group.start_soon(post, "second", 101)
            await store.wait_for_call("begin", Admission.BUSY)
            proxy.resume()
    path = "/api/v1/sessions/session-1/context"
    statuses = [it["status"] for it in sandbox.requests() if it["path"] == path]
    assert statuses == [200, 200]
    assert stored_document(sandbox, "session-1")["last_user_message"] == "second"
    await store.close()


async def test_health_readiness_and_metrics_require_no_secret(
    serve: Serve, sandbox: Sandbox, redis: RedisServer
) -> None:
    sandbox.seed("session-1")
    service = await serve(redis_url=redis.url)
    await service.post("/webhook", json=event())
    await service.post("/webhook", json=event())
    await service.post("/webhook", json=event(timestamp=1))
    del service.headers["x-webhook-secret"]
    assert (await service.get("/healthz")).json() == {"status": "ok"}
    assert (await service.get("/readyz")).json() == {"status": "ready"}
    text = (await service.get("/metrics")).text
    for outcome in ("processed", "duplicate", "older"):
        name = f'cognigy_context_service_events_total{{outcome="{outcome}"}}'
        assert f"{name} 1.0" in text
    assert "session-1" not in text
    assert hash_session_id("session-1") not in text
