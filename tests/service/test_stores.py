"""The memory store and the Redis store: order, duplicates, leases, expiry.

``apply`` begins and finishes an event of the session ``s`` and stores its key as the variables.
"""

import itertools
from collections.abc import AsyncIterator

import anyio
import anyio.lowlevel
import pytest
from cognigy_context.service import Settings, Store
from cognigy_context.service.memory_store import MemoryStore
from cognigy_context.service.ordering import Admission
from cognigy_context.service.redis_store import RedisStore
from cognigy_context.service.store import SessionSnapshot
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
    sync_request,
)
from redis_server import RedisServer

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["memory", "redis"])
async def store(
    request: pytest.FixtureRequest, redis: RedisServer
) -> AsyncIterator[Store]:
    settings = Settings(no_auth=True, redis_url=redis.url, **LONG_TIMES)
    is_memory = request.param == "memory"
    store = MemoryStore(settings) if is_memory else RedisStore(settings, "tenant")
    yield store
    await store.close()


async def test_event_takes_effect_once(store: Store) -> None:
    assert [await apply(store, "a", 1) for _ in range(3)] == [
        ADMITTED,
        DUPLICATE,
        DUPLICATE,
    ]


async def test_failed_event_is_admitted_again(store: Store) -> None:
    assert await fail(store, "a", 1) is ADMITTED
    assert await fail(store, "a", 1) is ADMITTED
    assert await apply(store, "a", 1) is ADMITTED
    assert await apply(store, "a", 1) is DUPLICATE


async def test_event_older_than_the_newest_has_no_effect(store: Store) -> None:
    assert await apply(store, "b", 2) is ADMITTED
    assert await apply(store, "a", 1) is OLDER
    assert await apply(store, "c", 3) is ADMITTED
    assert (await store.inspect("s")).variables == '"c"'


async def test_failed_event_is_without_effect_after_a_newer_one(store: Store) -> None:
    assert await fail(store, "a", 1) is ADMITTED
    assert await apply(store, "b", 2) is ADMITTED
    assert await apply(store, "a", 1) is OLDER


async def test_failed_event_does_not_stop_older_ones(store: Store) -> None:
    assert await fail(store, "b", 2**62) is ADMITTED
    assert await apply(store, "a", 1) is ADMITTED
    assert await apply(store, "c", 3) is ADMITTED
    assert await apply(store, "b", 2) is OLDER
    assert (await store.inspect("s")).variables == '"c"'


async def test_newest_event_stays_when_a_newer_one_fails(store: Store) -> None:
    assert await apply(store, "b", 2) is ADMITTED
    assert await fail(store, "c", 3) is ADMITTED
    assert await apply(store, "a", 1) is OLDER
    assert await apply(store, "d", 2) is ADMITTED


async def test_arrival_numbers_continue_after_failed_events(store: Store) -> None:
    assert [await fail(store, key, 5) for key in "abc"] == [ADMITTED] * 3
    assert await apply(store, "d", 5) is ADMITTED
    assert [await apply(store, key, 5) for key in "abc"] == [OLDER] * 3
    assert await apply(store, "e", 5) is ADMITTED


async def test_sync_with_an_id_takes_effect_once(store: Store) -> None:
    assert await apply(store, "event", 5) is ADMITTED
    failed, first, second = (sync_request("sync") for _ in range(3))
    assert await store.begin(failed) is ADMITTED
    await store.release(failed)
    assert [await store.begin(first), await store.begin(second)] == [ADMITTED, BUSY]
    await store.finish(first, OUTCOME)
    assert await store.begin(second) is DUPLICATE
    # The duplicate has left the queue, and syncs do not change the order of events.
    assert await apply(store, "older", 4) is OLDER
    assert await apply(store, "newer", 5) is ADMITTED


async def test_late_finish_does_not_move_the_newest_event_back(store: Store) -> None:
    late = lease_request("a", 1)
    assert await store.begin(late) is ADMITTED
    await store.release(late)
    assert await apply(store, "c", 3) is ADMITTED
    # As a worker does that has lost its lease.
    await store.finish(late, OUTCOME)
    assert await apply(store, "b", 2) is OLDER


async def test_equal_timestamps_apply_in_order_of_arrival(store: Store) -> None:
    assert [await apply(store, key, 5) for key in "abc"] == [
        ADMITTED,
        ADMITTED,
        ADMITTED,
    ]
    assert (await store.inspect("s")).variables == '"c"'


async def test_retry_keeps_its_position_among_equal_timestamps(store: Store) -> None:
    assert await fail(store, "a", 5) is ADMITTED
    assert await apply(store, "b", 5) is ADMITTED
    assert await apply(store, "a", 5) is OLDER
    assert (await store.inspect("s")).variables == '"b"'


@pytest.mark.parametrize(
    "order",
    [
        [-(2**63), -(2**62) - 1, -1, 0, 1, 2**53, 2**53 + 1, 2**63 - 1],
        [999, 1_000, 10_000],
    ],
)
async def test_order_of_64_bit_timestamps_is_exact(
    store: Store, order: list[int]
) -> None:
    for timestamp in order:
        assert await apply(store, f"up-{timestamp}", timestamp) is ADMITTED
    for timestamp in order[:-1]:
        assert await apply(store, f"late-{timestamp}", timestamp) is OLDER


async def test_sessions_have_separate_leases_and_orders(store: Store) -> None:
    leased = lease_request("a", 9, "one")
    assert await store.begin(leased) is ADMITTED
    other = lease_request("a", 1, "two")
    assert await store.begin(other) is ADMITTED


async def test_lease_is_granted_in_order_of_request(
    store: Store,
) -> None:
    requests = [lease_request() for _ in range(4)]
    assert await store.begin(requests[0]) is ADMITTED
    for waiting in requests[1:]:
        assert await store.begin(waiting) is BUSY
    for leased, following in itertools.pairwise(requests):
        await store.finish(leased, OUTCOME)
        # Neither a new request nor a later one in the queue overtakes the next.
        new = lease_request()
        assert await store.begin(new) is BUSY
        await store.release(new)
        for later in requests[requests.index(following) + 1 :]:
            assert await store.begin(later) is BUSY
        assert await store.begin(following) is ADMITTED


async def test_released_request_leaves_the_queue(store: Store) -> None:
    leased, released, waiting = lease_request(), lease_request(), lease_request()
    assert await store.begin(leased) is ADMITTED
    assert [await store.begin(released), await store.begin(waiting)] == [BUSY, BUSY]
    await store.release(released)
    await store.release(leased)
    assert await store.begin(waiting) is ADMITTED


async def test_duplicate_of_an_event_in_progress_waits_until_it_is_done(
    store: Store,
) -> None:
    first, second = lease_request("a", 1), lease_request("a", 1)
    assert await store.begin(first) is ADMITTED
    assert await store.begin(second) is BUSY
    await store.finish(first, OUTCOME)
    assert await store.begin(second) is DUPLICATE
    # The duplicate has left the queue.
    assert await store.begin(lease_request("b", 2)) is ADMITTED


async def test_newer_event_waits_until_the_event_in_progress_is_released(
    store: Store,
) -> None:
    first, second = lease_request("a", 1), lease_request("b", 2)
    assert await store.begin(first) is ADMITTED
    assert await store.begin(second) is BUSY
    await store.release(first)
    assert await store.begin(second) is ADMITTED


async def test_begin_is_idempotent(store: Store) -> None:
    request = lease_request("a", 1)
    assert [await store.begin(request) for _ in range(2)] == [ADMITTED, ADMITTED]
    await store.finish(request, OUTCOME)
    assert await store.begin(lease_request("a", 1)) is DUPLICATE


async def test_wait_ends_when_the_lease_is_released(store: Store) -> None:
    leased, waiting = lease_request(), lease_request()
    assert await store.begin(leased) is ADMITTED
    admissions: list[Admission] = []

    async def wait() -> None:
        attempts = 0
        while (admission := await store.begin(waiting)) is BUSY:
            await store.wait(waiting, attempts)
            attempts += 1
        admissions.append(admission)

    with anyio.fail_after(HANG_SECONDS):
        async with anyio.create_task_group() as group:
            group.start_soon(wait)
            await anyio.lowlevel.checkpoint()
            await store.release(leased)
    assert admissions == [ADMITTED]


async def test_renew_requires_the_lease(store: Store) -> None:
    leased = lease_request()
    assert await store.begin(leased) is ADMITTED
    assert await store.renew(leased)
    assert not await store.renew(lease_request())
    await store.release(leased)
    assert not await store.renew(leased)


async def test_release_with_hold_after_delays_the_next_request(store: Store) -> None:
    leased = lease_request()
    assert await store.begin(leased) is ADMITTED
    await store.release(leased, hold_after=HANG_SECONDS)
    waiting = lease_request()
    assert await store.begin(waiting) is BUSY
    # A second release replaces the time until the next lease.
    await store.release(leased, hold_after=0.05)
    with anyio.fail_after(HANG_SECONDS):
        while await store.begin(waiting) is BUSY:
            await anyio.sleep(0.01)


async def test_inspect_of_an_unknown_session_is_empty(store: Store) -> None:
    assert await store.inspect("unknown") == SessionSnapshot()


async def test_variables_and_events_expire(redis: RedisServer) -> None:
    settings = Settings(
        no_auth=True,
        redis_url=redis.url,
        session_ttl=0.05,
        event_ttl=0.05,
        **LONG_TIMES,
    )
    for store in (MemoryStore(settings), RedisStore(settings, "tenant")):
        assert await apply(store, "b", 2) is ADMITTED
        with anyio.fail_after(HANG_SECONDS):
            while (await store.inspect("s")).variables is not None:
                await anyio.sleep(0.01)
            # The state of the events expires as well; then an older event is admitted.
            while await apply(store, "a", 1) is not ADMITTED:
                await anyio.sleep(0.01)
        await store.close()


async def test_memory_store_evicts_beyond_max_sessions() -> None:
    store = MemoryStore(Settings(no_auth=True, max_sessions=3))
    leased = lease_request("a", 1, "leased")
    assert await store.begin(leased) is ADMITTED
    for number in range(10):
        request = lease_request("a", 1, f"session-{number}")
        assert await store.begin(request) is ADMITTED
        await store.finish(request, OUTCOME)
    stored = [n for n in range(10) if (await store.inspect(f"session-{n}")).variables]
    assert stored == [8, 9]
    # A leased session is not evicted.
    assert await store.renew(leased)
