"""Corrupt data under the keys of the service in Redis: it counts as absent, and is replaced."""

import logging
import time
from collections.abc import AsyncIterator, Callable

import pytest
import redis as redis_py
from cognigy_context import hash_session_id
from cognigy_context.service import Settings, Store
from cognigy_context.service.redis_store import RedisStore
from cognigy_context.service.store import Outcome
from cognigy_context.testing import Sandbox
from conftest import LONG_TIMES, Serve, event, stored_document
from lease_requests import (
    ADMITTED,
    BUSY,
    DUPLICATE,
    OLDER,
    apply,
    lease_request,
    sync_request,
)
from redis_server import RedisServer

pytestmark = pytest.mark.anyio

Write = Callable[[redis_py.Redis, str], object]

# Writes a value of each type of Redis.
TYPES: dict[str, Write] = {
    "string": lambda client, key: client.set(key, "x"),
    "empty string": lambda client, key: client.set(key, ""),
    "bytes": lambda client, key: client.set(key, b"\xff\x00"),
    "list": lambda client, key: client.rpush(key, "x", b"\xff"),
    "set": lambda client, key: client.sadd(key, "x"),
    "hash": lambda client, key: client.hset(key, "at", "x"),
    "zset": lambda client, key: client.zadd(key, {"x": 1e300}),
    "stream": lambda client, key: client.xadd(key, {"x": "y"}),
}
KEYS = (
    "session:s",
    *(
        f"{{session:s}}:{name}"
        for name in ("order", "lease", "queue", "alive", "event:a", "context", "audit")
    ),
    "cognigy-context:rate:tenant",
)


@pytest.fixture
async def store(redis: RedisServer) -> AsyncIterator[Store]:
    times = LONG_TIMES | {"rate": "1000/60"}
    settings = Settings(no_auth=True, redis_url=redis.url, **times)
    store = RedisStore(settings, "tenant")
    yield store
    await store.close()


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("key", KEYS)
async def test_event_takes_effect_once_with_any_value_under_a_key(
    store: Store, redis: RedisServer, key: str, kind: str
) -> None:
    with redis.client() as client:
        TYPES[kind](client, key)
    await store.inspect("s")
    assert await store.reserve(10.0) == 0
    assert await apply(store, "a", 2) is ADMITTED
    assert await apply(store, "a", 2) is DUPLICATE
    assert await apply(store, "b", 1) is OLDER
    snapshot = await store.inspect("s")
    assert snapshot.variables == '"a"'
    assert "{}" in snapshot.audit


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("key", KEYS)
async def test_request_in_progress_ends_with_any_value_under_a_key(
    store: Store, redis: RedisServer, key: str, kind: str
) -> None:
    for request in (lease_request("a", 2), sync_request("sync")):
        assert await store.begin(request) is ADMITTED
        assert await store.begin(lease_request("b", 3)) is BUSY
        with redis.client() as client:
            client.delete(key)
            TYPES[kind](client, key)
        assert await store.renew(request) is (key != "{session:s}:lease")
        await store.finish(request, Outcome("{}", '{"a": 1}'))
        await store.release(request)
        assert await store.begin(request) is DUPLICATE
        redis.flush()


@pytest.mark.parametrize(
    "fields",
    [
        {"at": "x", "number": "1"},
        {"at": "9" * 21, "number": "1"},
        {"at": "9" * 20},
        {"number": "1"},
        {"at": "9" * 20, "number": "1e3"},
        {"at": "9" * 20, "number": "nan"},
        {"at": "9" * 20, "number": "-1"},
        {"at": "9" * 20, "number": "9" * 16},
        {"last": "many"},
        {"last": ""},
    ],
)
async def test_corrupt_position_counts_as_absent(
    store: Store, redis: RedisServer, fields: dict[str, str]
) -> None:
    with redis.client() as client:
        client.hset("{session:s}:order", mapping=fields)
    assert await apply(store, "a", 2) is ADMITTED
    assert await apply(store, "b", 1) is OLDER


@pytest.mark.parametrize("state", ["x", "", "1e3", "-1", "9" * 16, "DONE", "1 "])
async def test_corrupt_state_of_an_event_counts_as_absent(
    store: Store, redis: RedisServer, state: str
) -> None:
    with redis.client() as client:
        client.set("{session:s}:event:a", state)
    assert await apply(store, "a", 2) is ADMITTED
    assert await apply(store, "a", 2) is DUPLICATE


async def test_place_in_the_queue_without_an_expiry_blocks_nothing(
    store: Store, redis: RedisServer
) -> None:
    with redis.client() as client:
        client.zadd("{session:s}:queue", {"dead": 1, "dead too": 2})
    assert await apply(store, "a", 2) is ADMITTED


async def test_times_that_are_too_long_block_nothing(
    store: Store, redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="cognigy_context.service")
    far = (time.time() + 86_400) * 1_000
    with redis.client() as client:
        client.set("{session:s}:lease", "dead", ex=86_400)
        client.zadd("{session:s}:queue", {"dead": 1, "dead too": 2})
        client.zadd("{session:s}:alive", {"dead": far, "dead too": "inf"})
        times = {f"call {number}": far for number in range(2_000)}
        client.zadd("cognigy-context:rate:tenant", times)
    assert await store.reserve(10.0) == 0
    assert await apply(store, "a", 2) is ADMITTED
    messages = [record.getMessage() for record in caplog.records]
    assert [message.partition("ignored: ")[2] for message in messages] == [
        "rate",
        "lease, alive",
    ]


async def test_lease_of_a_worker_with_other_settings_is_respected(
    store: Store, redis: RedisServer
) -> None:
    leased, waiting = lease_request("a", 1), lease_request("b", 2)
    assert await store.begin(leased) is ADMITTED
    with redis.client() as client:
        # The leases of this worker are 120 s.
        client.expire("{session:s}:lease", 1_000)
    assert await store.begin(waiting) is BUSY
    assert await store.renew(leased)


async def test_corrupt_data_is_logged_without_values(
    store: Store, redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="cognigy_context.service")
    with redis.client() as client:
        client.set("{session:s}:order", "my words")
        client.set("{session:s}:lease", "my words")
    assert await apply(store, "a", 2) is ADMITTED
    (message,) = [record.getMessage() for record in caplog.records]
    assert "corrupt data, which is ignored: order, lease" in message
    assert "my words" not in message


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"1",
        b'{"a": NaN}',
        b"\xff",
        b"[" * 100_000,
        b'{"a": ' + b"1" * 5_000 + b"}",
        b'{"a": 1e999}',
        rb'{"a": "\ud800"}',
        rb'{"\ud800": 1}',
        b'{"a": 1, "a": 2}',
        b'{"a": ' * 200 + b"1" + b"}" * 200,
    ],
)
async def test_stored_text_that_is_no_json_object_is_ignored(
    serve: Serve, sandbox: Sandbox, redis: RedisServer, text: bytes
) -> None:
    sandbox.seed("session-1")
    service = await serve(redis_url=redis.url)
    session = hash_session_id("session-1")
    with redis.client() as client:
        client.set(f"session:{session}", text)
        client.set(f"{{session:{session}}}:context", text)
        client.rpush(f"{{session:{session}}}:audit", text)
    inspected = (await service.get("/context/inspect/session-1")).json()
    assert (inspected["current_context"], inspected["variables"]) == ({}, {})
    assert inspected["recent_audit_trail"] == []
    assert (await service.post("/webhook", json=event())).status_code == 200
    body = {"session_id": "session-1", "data": {"a": 1}}
    headers = {"webhook-id": "id-1"}
    response = await service.post("/context/sync", json=body, headers=headers)
    assert response.status_code == 200
    with redis.client() as client:
        client.set(f"{{session:{session}}}:context", text)
    # A duplicate, whose document is corrupt.
    response = await service.post("/context/sync", json=body, headers=headers)
    assert response.json() == {"status": "success", "context_size_bytes": 0}
    assert (await service.post("/context/sync", json=body)).status_code == 200
    inspected = (await service.get("/context/inspect/session-1")).json()
    assert inspected["current_context"] == stored_document(sandbox, "session-1")
    assert inspected["variables"]["webhook_timestamp"] == 100
    assert len(inspected["recent_audit_trail"]) == 3


async def test_expiry_beyond_the_year_9999_is_left_out(
    serve: Serve, redis: RedisServer
) -> None:
    service = await serve(redis_url=redis.url)
    session = hash_session_id("session-1")
    with redis.client() as client:
        client.set(f"session:{session}", "{}", px=10**17)
        client.set(f"{{session:{session}}}:context", '{"a": 1}', ex=3_600)
    inspected = (await service.get("/context/inspect/session-1")).json()
    assert inspected["current_context"] == {"a": 1}
    assert list(inspected["ttl_registry"]) == ["/current_context"]
    # Without Redis the settings alone determine the expiry.
    service = await serve(session_ttl=1e13)
    assert (await service.post("/webhook", json=event())).status_code == 404
    inspected = (await service.get("/context/inspect/session-1")).json()
    assert inspected["variables"]["webhook_timestamp"] == 100
    assert inspected["ttl_registry"] == {}
