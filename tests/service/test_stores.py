"""Both stores keep the same rules: order, duplicates, one at a time."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import replace

import anyio
import anyio.lowlevel
import pytest
from cognigy_context.service import Settings, Store
from cognigy_context.service.memory_store import MemoryStore
from cognigy_context.service.ordering import (
    Admission,
    EventPosition,
    decide_admission,
    to_sort_key,
)
from cognigy_context.service.redis_store import RedisStore
from cognigy_context.service.store import (
    LeaseRequest,
    Outcome,
    SessionSnapshot,
    StoredEvent,
    StoreTimeout,
    StoreUnreachable,
)
from conftest import PATIENT
from redis_server import RedisServer

pytestmark = pytest.mark.anyio

# Guards against a hang; no test waits for so long.
LONGEST = 120

DONE = Outcome("{}")
ADMITTED, BUSY = Admission.ADMITTED, Admission.BUSY
DUPLICATE, SUPERSEDED = Admission.DUPLICATE, Admission.SUPERSEDED

_tokens = itertools.count()


def lease_request(
    key: str = "", timestamp: int = 0, session: str = "s"
) -> LeaseRequest:
    """Returns a lease request; without a key it has no event."""
    event = StoredEvent(key, to_sort_key(timestamp), f'"{key}"') if key else None
    return LeaseRequest(session, f"token-{next(_tokens)}", event)


@pytest.fixture(params=["memory", "redis"])
async def store(
    request: pytest.FixtureRequest, redis: RedisServer
) -> AsyncIterator[Store]:
    settings = Settings(no_auth=True, redis_url=redis.url, **PATIENT)
    is_memory = request.param == "memory"
    found = MemoryStore(settings) if is_memory else RedisStore(settings, "tenant")
    yield found
    await found.close()


async def apply(store: Store, key: str, timestamp: int) -> Admission:
    """Delivers an event from beginning to end."""
    waiting_request = lease_request(key, timestamp)
    admission = await store.begin(waiting_request)
    if admission is ADMITTED:
        await store.finish(waiting_request, DONE)
    return admission


async def fail(store: Store, key: str, timestamp: int) -> Admission:
    """Delivers an event whose injection fails."""
    waiting_request = lease_request(key, timestamp)
    admission = await store.begin(waiting_request)
    if admission is ADMITTED:
        await store.release(waiting_request)
    return admission


async def test_an_event_is_done_once(store: Store) -> None:
    assert [await apply(store, "a", 1) for _ in range(3)] == [
        ADMITTED,
        DUPLICATE,
        DUPLICATE,
    ]


async def test_an_event_that_failed_can_be_delivered_again(store: Store) -> None:
    assert await fail(store, "a", 1) is ADMITTED
    assert await fail(store, "a", 1) is ADMITTED
    assert await apply(store, "a", 1) is ADMITTED
    assert await apply(store, "a", 1) is DUPLICATE


async def test_what_is_older_than_the_newest_changes_nothing(store: Store) -> None:
    assert await apply(store, "b", 2) is ADMITTED
    assert await apply(store, "a", 1) is SUPERSEDED
    assert await apply(store, "c", 3) is ADMITTED
    assert (await store.inspect("s")).variables == '"c"'


async def test_an_event_that_failed_is_not_put_over_a_newer_one(store: Store) -> None:
    assert await fail(store, "a", 1) is ADMITTED
    assert await apply(store, "b", 2) is ADMITTED
    assert await apply(store, "a", 1) is SUPERSEDED


async def test_what_was_stored_keeps_older_events_out_even_when_it_failed(
    store: Store,
) -> None:
    assert await fail(store, "b", 2) is ADMITTED
    assert await apply(store, "a", 1) is SUPERSEDED
    assert await apply(store, "b", 2) is ADMITTED


async def test_equal_timestamps_apply_in_order_of_arrival(store: Store) -> None:
    assert [await apply(store, key, 5) for key in "abc"] == [
        ADMITTED,
        ADMITTED,
        ADMITTED,
    ]
    assert (await store.inspect("s")).variables == '"c"'


async def test_a_retry_keeps_its_place_among_equal_timestamps(store: Store) -> None:
    assert await fail(store, "a", 5) is ADMITTED
    assert await apply(store, "b", 5) is ADMITTED
    assert await apply(store, "a", 5) is SUPERSEDED
    assert (await store.inspect("s")).variables == '"b"'


@pytest.mark.parametrize(
    "order",
    [
        [-(2**63), -(2**62) - 1, -1, 0, 1, 2**53, 2**53 + 1, 2**63 - 1],
        [999, 1_000, 10_000],
    ],
)
async def test_timestamps_of_64_bits_are_told_apart(
    store: Store, order: list[int]
) -> None:
    for timestamp in order:
        assert await apply(store, f"up-{timestamp}", timestamp) is ADMITTED
    for timestamp in order[:-1]:
        assert await apply(store, f"late-{timestamp}", timestamp) is SUPERSEDED


async def test_sessions_have_nothing_to_do_with_each_other(store: Store) -> None:
    leased = lease_request("a", 9, "one")
    assert await store.begin(leased) is ADMITTED
    other = lease_request("a", 1, "two")
    assert await store.begin(other) is ADMITTED


async def test_a_session_is_given_to_one_at_a_time_in_order_of_asking(
    store: Store,
) -> None:
    requests = [lease_request() for _ in range(4)]
    assert await store.begin(requests[0]) is ADMITTED
    for waiting in requests[1:]:
        assert await store.begin(waiting) is BUSY
    for last, this in itertools.pairwise(requests):
        await store.finish(last, DONE)
        # Whoever comes by does not overtake, nor do those behind.
        newcomer = lease_request()
        assert await store.begin(newcomer) is BUSY
        await store.release(newcomer)
        for behind in requests[requests.index(this) + 1 :]:
            assert await store.begin(behind) is BUSY
        assert await store.begin(this) is ADMITTED


async def test_who_gives_up_leaves_the_queue(store: Store) -> None:
    leased, gone, waiting = lease_request(), lease_request(), lease_request()
    assert await store.begin(leased) is ADMITTED
    assert [await store.begin(gone), await store.begin(waiting)] == [BUSY, BUSY]
    await store.release(gone)
    await store.release(leased)
    assert await store.begin(waiting) is ADMITTED


async def test_a_duplicate_of_what_is_under_way_waits_for_its_end(store: Store) -> None:
    first, second = lease_request("a", 1), lease_request("a", 1)
    assert await store.begin(first) is ADMITTED
    assert await store.begin(second) is BUSY
    await store.finish(first, DONE)
    assert await store.begin(second) is DUPLICATE
    # It is out of the queue, too.
    assert await store.begin(lease_request("b", 2)) is ADMITTED


async def test_what_is_newer_waits_until_what_is_under_way_has_ended(
    store: Store,
) -> None:
    first, second = lease_request("a", 1), lease_request("b", 2)
    assert await store.begin(first) is ADMITTED
    assert await store.begin(second) is BUSY
    await store.release(first)
    assert await store.begin(second) is ADMITTED


async def test_asking_again_with_the_same_turn_changes_nothing(store: Store) -> None:
    waiting_request = lease_request("a", 1)
    assert [await store.begin(waiting_request), await store.begin(waiting_request)] == [
        ADMITTED,
        ADMITTED,
    ]
    await store.finish(waiting_request, DONE)
    assert await store.begin(lease_request("a", 1)) is DUPLICATE


async def test_waiting_ends_when_the_session_comes_free(store: Store) -> None:
    leased, waiting = lease_request(), lease_request()
    assert await store.begin(leased) is ADMITTED
    got: list[Admission] = []

    async def wait() -> None:
        waiting_request = 0
        while (admission := await store.begin(waiting)) is BUSY:
            await store.wait(waiting, waiting_request)
            waiting_request += 1
        got.append(admission)

    with anyio.fail_after(LONGEST):
        async with anyio.create_task_group() as group:
            group.start_soon(wait)
            await anyio.lowlevel.checkpoint()
            await store.release(leased)
    assert got == [ADMITTED]


async def test_only_the_holder_can_renew(store: Store) -> None:
    leased = lease_request()
    assert await store.begin(leased) is ADMITTED
    assert await store.renew(leased)
    assert not await store.renew(lease_request())
    await store.release(leased)
    assert not await store.renew(leased)


async def test_a_session_can_be_kept_a_while_after_a_failure(store: Store) -> None:
    leased = lease_request()
    assert await store.begin(leased) is ADMITTED
    await store.release(leased, hold_after=LONGEST)
    waiting = lease_request()
    assert await store.begin(waiting) is BUSY
    await store.release(leased, hold_after=0.05)
    with anyio.fail_after(LONGEST):
        while await store.begin(waiting) is BUSY:
            await anyio.sleep(0.01)


async def test_an_unknown_session_is_empty(store: Store) -> None:
    assert await store.inspect("nobody") == SessionSnapshot()


async def test_what_is_kept_ends(redis: RedisServer) -> None:
    settings = Settings(
        no_auth=True, redis_url=redis.url, session_ttl=0.05, event_ttl=0.05, **PATIENT
    )
    for store in (MemoryStore(settings), RedisStore(settings, "tenant")):
        assert await apply(store, "b", 2) is ADMITTED
        with anyio.fail_after(LONGEST):
            while (await store.inspect("s")).variables is not None:
                await anyio.sleep(0.01)
            # Neither the duplicate nor the older event is known any more.
            while await apply(store, "a", 1) is not ADMITTED:
                await anyio.sleep(0.01)
        await store.close()


async def test_the_memory_is_bounded() -> None:
    store = MemoryStore(Settings(no_auth=True, max_sessions=3))
    leased = lease_request("a", 1, "leased")
    assert await store.begin(leased) is ADMITTED
    for number in range(10):
        waiting_request = lease_request("a", 1, f"session-{number}")
        assert await store.begin(waiting_request) is ADMITTED
        await store.finish(waiting_request, DONE)
    known = [n for n in range(10) if (await store.inspect(f"session-{n}")).variables]
    assert known == [8, 9]
    # Whatever is used is not forgotten.
    assert await store.renew(leased)


async def test_a_worker_that_dies_holds_its_session_up_for_a_lease_only(
    redis: RedisServer,
) -> None:
    patient = Settings(no_auth=True, redis_url=redis.url, **PATIENT)
    store = RedisStore(patient, "tenant")
    # Those who die have leases that soon end.
    mortal = RedisStore(replace(patient, lease_seconds=0.05), "tenant")
    dead, waiting = lease_request("a", 1), lease_request("b", 2)
    assert await mortal.begin(dead) is ADMITTED
    with anyio.fail_after(LONGEST):
        while await store.begin(waiting) is BUSY:
            await anyio.sleep(0.01)
    assert not await mortal.renew(dead)
    # What the dead one says late is true of its event, and takes nothing from the holder.
    await mortal.finish(dead, DONE)
    assert await store.renew(waiting)
    await store.close()
    await mortal.close()


async def test_who_dies_in_the_queue_holds_up_those_behind_for_a_lease_only(
    redis: RedisServer,
) -> None:
    patient = Settings(no_auth=True, redis_url=redis.url, **PATIENT)
    store = RedisStore(patient, "tenant")
    mortal = RedisStore(replace(patient, lease_seconds=0.05), "tenant")
    leased, dead, waiting = (
        lease_request("a", 1),
        lease_request("b", 2),
        lease_request("c", 3),
    )
    assert await store.begin(leased) is ADMITTED
    assert await mortal.begin(dead) is BUSY
    await store.release(leased)
    with anyio.fail_after(LONGEST):
        while await store.begin(waiting) is BUSY:
            await anyio.sleep(0.01)
    await store.close()
    await mortal.close()


async def test_a_lease_is_renewed_for_its_whole_length(redis: RedisServer) -> None:
    settings = Settings(no_auth=True, redis_url=redis.url, **PATIENT)
    store = RedisStore(settings, "tenant")
    leased = lease_request()
    assert await store.begin(leased) is ADMITTED
    with redis.client() as client:
        (lease,) = client.scan_iter("*:lease")
        # As if most of the lease were over.
        client.expire(lease, 30)
        assert await store.renew(leased)
        assert 30 < client.ttl(lease) <= settings.lease_seconds
    await store.close()


async def test_the_rate_is_shared_and_says_how_long_to_wait(redis: RedisServer) -> None:
    settings = Settings(
        no_auth=True, redis_url=redis.url, rate="3/1000", store_timeout=60.0
    )
    stores = [RedisStore(settings, "tenant") for _ in range(2)]
    waits = [await stores[n % 2].reserve(1_500) for n in range(6)]
    assert waits[:3] == [0, 0, 0]
    assert all(900 < wait <= 1_000 for wait in waits[3:])
    # The seventh would be too late, and takes nothing from those after it.
    assert 1_900 < await stores[0].reserve(1_500) <= 2_000
    assert 1_900 < await stores[1].reserve(2_500) <= 2_000
    # Another tenant's is its own.
    other = RedisStore(settings, "other")
    assert await other.reserve(0) == 0
    for store in (*stores, other):
        await store.close()


async def test_keys_of_a_session_are_in_one_slot_of_a_cluster(
    redis_program: str,
) -> None:
    with RedisServer(redis_program, "--cluster-enabled", "yes") as node:
        with node.client() as client:
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16_383)
            with anyio.fail_after(LONGEST):
                while b"cluster_state:ok" not in client.execute_command(
                    "CLUSTER", "INFO"
                ):
                    await anyio.sleep(0.01)
        settings = Settings(
            no_auth=True,
            redis_url=node.url,
            redis_cluster=True,
            rate="3/100",
            **PATIENT,
        )
        store = RedisStore(settings, "tenant")
        assert await apply(store, "a", 1) is ADMITTED
        assert await apply(store, "a", 1) is DUPLICATE
        assert await fail(store, "b", 2) is ADMITTED
        assert (await store.inspect("s")).variables == '"b"'
        assert await store.reserve(0) == 0
        await store.ping()
        await store.close()


async def test_scripts_come_back_after_redis_has_forgotten_them(
    redis: RedisServer,
) -> None:
    settings = Settings(no_auth=True, redis_url=redis.url, **PATIENT)
    store = RedisStore(settings, "tenant")
    assert await apply(store, "a", 1) is ADMITTED
    with redis.client() as client:
        client.script_flush()
    assert await apply(store, "b", 2) is ADMITTED
    await store.close()


async def test_redis_that_is_held_up_is_a_timeout_and_no_redis_is_unreachable(
    own_redis: RedisServer,
) -> None:
    patient = Settings(no_auth=True, redis_url=own_redis.url, **PATIENT)
    store = RedisStore(patient, "tenant")
    hasty = RedisStore(replace(patient, store_timeout=0.2), "tenant")
    await store.ping()
    own_redis.hold()
    for question in (
        hasty.ping,
        lambda: hasty.begin(lease_request()),
        lambda: hasty.inspect("s"),
    ):
        with pytest.raises(StoreTimeout):
            await question()
    own_redis.go_on()
    await store.ping()
    await hasty.close()
    own_redis.kill()
    with pytest.raises(StoreUnreachable):
        await store.ping()
    own_redis.start()
    await store.ping()
    await store.close()


@pytest.mark.parametrize(
    ("state", "newest", "at", "admission", "arrival"),
    [
        (None, None, 1, ADMITTED, 1),
        (None, (1, 4), 1, ADMITTED, 5),
        (None, (1, 4), 2, ADMITTED, 5),
        (None, (2, 4), 1, SUPERSEDED, 4),
        ("4", (1, 4), 1, ADMITTED, 4),
        ("3", (1, 4), 1, SUPERSEDED, 4),
        ("3", None, 1, ADMITTED, 3),
        ("done", (1, 4), 1, DUPLICATE, 4),
        ("done", None, 1, DUPLICATE, 0),
    ],
)
async def test_the_rule_is_the_same_in_both_languages(
    redis: RedisServer,
    state: str | None,
    newest: tuple[int, int] | None,
    at: int,
    admission: Admission,
    arrival: int,
) -> None:
    known = None if newest is None else EventPosition(to_sort_key(newest[0]), newest[1])
    decided, position = decide_admission(state, known, to_sort_key(at))
    assert (decided, position.arrival) == (admission, arrival)
    with redis.client() as client:
        if state is not None:
            client.set("{session:s}:event:m", state)
        if known is not None:
            order = {"at": known.sort_key, "number": known.arrival}
            client.hset("{session:s}:order", mapping=order)
        settings = Settings(no_auth=True, redis_url=redis.url, **PATIENT)
        store = RedisStore(settings, "tenant")
        assert await store.begin(lease_request("m", at)) is admission
        await store.close()
        if admission is ADMITTED:
            assert int(client.hget("{session:s}:order", "number")) == arrival
