"""The store in Redis: expiry of leases, the shared rate, clusters, outages, and the Lua rule."""

from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from cognigy_context.service import Settings
from cognigy_context.service.ordering import (
    Admission,
    EventPosition,
    decide_admission,
    to_sort_key,
)
from cognigy_context.service.redis_store import RedisStore
from cognigy_context.service.store import StoreTimeout, StoreUnreachable
from conftest import LONG_TIMES
from lease_requests import (
    ADMITTED,
    BUSY,
    DUPLICATE,
    HANG_SECONDS,
    OLDER,
    OUTCOME,
    apply,
    fail,
    lease_request,
)
from redis_server import RedisServer

pytestmark = pytest.mark.anyio


async def test_lease_of_a_dead_worker_expires(
    redis: RedisServer,
) -> None:
    settings = Settings(no_auth=True, redis_url=redis.url, **LONG_TIMES)
    store = RedisStore(settings, "tenant")
    # The worker that dies has short leases.
    short_lease_store = RedisStore(replace(settings, lease_seconds=0.05), "tenant")
    dead, waiting = lease_request("a", 1), lease_request("b", 2)
    assert await short_lease_store.begin(dead) is ADMITTED
    with anyio.fail_after(HANG_SECONDS):
        while await store.begin(waiting) is BUSY:
            await anyio.sleep(0.01)
    assert not await short_lease_store.renew(dead)
    # A late `finish` marks the event as done, and leaves the lease to its new holder.
    await short_lease_store.finish(dead, OUTCOME)
    assert await store.renew(waiting)
    await store.close()
    await short_lease_store.close()


async def test_queue_place_of_a_dead_worker_expires(
    redis: RedisServer,
) -> None:
    settings = Settings(no_auth=True, redis_url=redis.url, **LONG_TIMES)
    store = RedisStore(settings, "tenant")
    leased, dead, waiting = (
        lease_request("a", 1),
        lease_request("b", 2),
        lease_request("c", 3),
    )
    assert await store.begin(leased) is ADMITTED
    assert await store.begin(dead) is BUSY
    await store.release(leased)
    assert await store.begin(waiting) is BUSY
    with redis.client() as client:
        # Simulates that the time of its place has passed.
        assert client.zadd("{session:s}:alive", {dead.token: 1}) == 0
    assert await store.begin(waiting) is ADMITTED
    await store.close()


async def test_renew_restores_the_full_lease_time(redis: RedisServer) -> None:
    settings = Settings(no_auth=True, redis_url=redis.url, **LONG_TIMES)
    store = RedisStore(settings, "tenant")
    leased = lease_request()
    assert await store.begin(leased) is ADMITTED
    with redis.client() as client:
        (lease,) = client.scan_iter("*:lease")
        # Simulates that most of the lease time has passed.
        client.expire(lease, 30)
        assert await store.renew(leased)
        assert 30 < client.ttl(lease) <= settings.lease_seconds
    await store.close()


async def test_reserve_shares_the_rate_and_returns_the_wait(redis: RedisServer) -> None:
    settings = Settings(
        no_auth=True, redis_url=redis.url, rate="3/1000", store_timeout=60.0
    )
    stores = [RedisStore(settings, "tenant") for _ in range(2)]
    waits = [await stores[n % 2].reserve(1_500) for n in range(6)]
    assert waits[:3] == [0, 0, 0]
    assert all(900 < wait <= 1_000 for wait in waits[3:])
    # A call whose wait is too long reserves nothing.
    assert 1_900 < await stores[0].reserve(1_500) <= 2_000
    assert 1_900 < await stores[1].reserve(2_500) <= 2_000
    # Another tenant has its own rate.
    other = RedisStore(settings, "other")
    assert await other.reserve(0) == 0
    for store in (*stores, other):
        await store.close()


async def test_cluster_has_all_keys_of_a_session_in_one_slot(
    redis_program: str,
) -> None:
    with RedisServer(redis_program, "--cluster-enabled", "yes") as node:
        with node.client() as client:
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16_383)
            with anyio.fail_after(HANG_SECONDS):
                while b"cluster_state:ok" not in client.execute_command(
                    "CLUSTER", "INFO"
                ):
                    await anyio.sleep(0.01)
        settings = Settings(
            no_auth=True,
            redis_url=node.url,
            redis_cluster=True,
            rate="3/100",
            **LONG_TIMES,
        )
        store = RedisStore(settings, "tenant")
        assert await apply(store, "a", 1) is ADMITTED
        assert await apply(store, "a", 1) is DUPLICATE
        assert await fail(store, "b", 2) is ADMITTED
        assert (await store.inspect("s")).variables == '"b"'
        assert await store.reserve(0) == 0
        await store.ping()
        await store.close()


async def test_scripts_are_loaded_again_after_script_flush(
    redis: RedisServer,
) -> None:
    settings = Settings(no_auth=True, redis_url=redis.url, **LONG_TIMES)
    store = RedisStore(settings, "tenant")
    assert await apply(store, "a", 1) is ADMITTED
    with redis.client() as client:
        client.script_flush()
    assert await apply(store, "b", 2) is ADMITTED
    await store.close()


async def test_paused_redis_is_a_timeout_and_stopped_redis_is_unreachable(
    own_redis: RedisServer,
) -> None:
    settings = Settings(no_auth=True, redis_url=own_redis.url, **LONG_TIMES)
    store = RedisStore(settings, "tenant")
    short_timeout_store = RedisStore(replace(settings, store_timeout=0.2), "tenant")
    await store.ping()
    own_redis.pause()
    for operation in (
        short_timeout_store.ping,
        lambda: short_timeout_store.begin(lease_request()),
        lambda: short_timeout_store.inspect("s"),
    ):
        with pytest.raises(StoreTimeout):
            await operation()
    own_redis.resume()
    await store.ping()
    await short_timeout_store.close()
    own_redis.kill()
    with pytest.raises(StoreUnreachable):
        await store.ping()
    own_redis.start()
    await store.ping()
    await store.close()


@pytest.mark.parametrize(
    ("state", "newest", "timestamp", "admission", "arrival"),
    [
        (None, None, 1, ADMITTED, 1),
        (None, (1, 4), 1, ADMITTED, 5),
        (None, (1, 4), 2, ADMITTED, 5),
        (None, (2, 4), 1, OLDER, 5),
        ("4", (1, 4), 1, ADMITTED, 4),
        ("3", (1, 4), 1, OLDER, 3),
        ("3", None, 1, ADMITTED, 3),
        ("done", (1, 4), 1, DUPLICATE, 0),
        ("done", None, 1, DUPLICATE, 0),
    ],
)
async def test_lua_and_python_decide_alike(
    redis: RedisServer,
    state: str | None,
    newest: tuple[int, int] | None,
    timestamp: int,
    admission: Admission,
    arrival: int,
) -> None:
    stored = (
        None if newest is None else EventPosition(to_sort_key(newest[0]), newest[1])
    )
    last = 0 if stored is None else stored.arrival
    decided = decide_admission(state, stored, last, to_sort_key(timestamp))
    assert decided == (admission, arrival)
    with redis.client() as client:
        if state is not None:
            client.set("{session:s}:event:m", state)
        if stored is not None:
            order = {"at": stored.sort_key, "number": stored.arrival}
            client.hset("{session:s}:order", mapping=order)
        settings = Settings(no_auth=True, redis_url=redis.url, **LONG_TIMES)
        store = RedisStore(settings, "tenant")
        request = lease_request("m", timestamp)
        assert await store.begin(request) is admission
        if admission is ADMITTED:
            await store.finish(request, OUTCOME)
            found = client.hmget("{session:s}:order", "at", "number")
            assert found == [to_sort_key(timestamp).encode(), str(arrival).encode()]
        await store.close()


async def check_refuses_writes(redis: RedisServer) -> None:
    """Checks that a store is not ready, although its server responds."""
    settings = Settings(no_auth=True, redis_url=redis.url, **LONG_TIMES)
    store = RedisStore(settings, "tenant")
    with pytest.raises(StoreUnreachable):
        await store.ping()
    with pytest.raises(StoreUnreachable):
        await store.begin(lease_request("a", 1))
    await store.close()


@pytest.mark.parametrize(
    "command",
    [
        # No memory is left.
        ("CONFIG", "SET", "maxmemory", "1"),
        # A replica that accepts no writes.
        ("REPLICAOF", "127.0.0.1", "9"),
        # Too few replicas.
        ("CONFIG", "SET", "min-replicas-to-write", "1"),
    ],
)
async def test_store_without_writes_is_not_ready(
    own_redis: RedisServer, command: tuple[str, ...]
) -> None:
    with own_redis.client() as client:
        client.execute_command(*command)
        assert client.ping()
    await check_refuses_writes(own_redis)


async def test_store_that_cannot_save_is_not_ready(own_redis: RedisServer) -> None:
    with own_redis.client() as client:
        # A folder in place of the file makes the snapshot fail.
        found = client.config_get("dir") | client.config_get("dbfilename")
        path = Path(found["dir"], found["dbfilename"], "folder")
        path.mkdir(parents=True)
        client.config_set("save", "3600 1")
        client.bgsave()
        with anyio.fail_after(HANG_SECONDS):
            while client.info("persistence")["rdb_last_bgsave_status"] != "err":
                await anyio.sleep(0.01)
    await check_refuses_writes(own_redis)


async def test_store_without_its_password_is_not_ready(redis_program: str) -> None:
    with RedisServer(redis_program, "--requirepass", "password") as redis:
        await check_refuses_writes(redis)


async def test_ready_probe_expires(redis: RedisServer) -> None:
    settings = Settings(no_auth=True, redis_url=redis.url, **LONG_TIMES)
    store = RedisStore(settings, "tenant")
    await store.ping()
    with redis.client() as client:
        assert client.keys() == [b"cognigy-context:probe:tenant"]
        assert 0 < client.ttl("cognigy-context:probe:tenant") <= 10
    await store.close()
