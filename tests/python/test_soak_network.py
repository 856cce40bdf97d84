"""Soak test: memory does not grow over many calls of each method of the clients."""

import asyncio
import gc
import logging
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import cognigy_context as cc
import pytest
from test_soak import MAX_GROWTH, allocated_bytes

CALLS = 5_000
# More calls than the client keeps audit records.
WARM_UP = 2_500
CONCURRENCY = 50

PAYLOAD = {"session_id": "s", "variables": [{"key": "a", "value": {"b": [1, "ü"]}}]}
UNKNOWN_SESSION = {"session_id": "unknown", "variables": [{"key": "a", "value": 1}]}
UPDATE = cc.StateUpdate({"a": 1}, {"b": [2]}, "pay")

# A call of each method that sends requests, for both clients.
NETWORK_CALLS: dict[str, Callable[[Any], Any]] = {
    "inject": lambda client: client.inject(PAYLOAD),
    "inject, not found": lambda client: client.inject(UNKNOWN_SESSION),
    "inject, rejected": lambda client: client.inject({**PAYLOAD, "session_id": ".."}),
    "get_injected": lambda client: client.get_injected("s"),
    "session_exists": lambda client: client.session_exists("s"),
    "append_variables": lambda client: client.append_variables("s", {"a": 1}),
    "get_document": lambda client: client.get_document("s"),
    "sync_context": lambda client: client.sync_context("s", {"a": {"b": 1}}),
    "get_variables": lambda client: client.get_variables("s"),
    "debug_snapshot": lambda client: client.debug_snapshot("s"),
    "get_state": lambda client: client.get_state("d"),
    "update_state": lambda client: client.update_state("d", UPDATE),
    "update_state, conflict": lambda client: client.update_state("d", UPDATE, '"old"'),
    "update_state_parts": lambda client: client.update_state_parts("d", UPDATE),
    "inject_context": lambda client: client.inject_context("s", "u", {"a": 1}),
    "reset_context": lambda client: client.reset_context("s", "u", "f", "e"),
    "inject_state": lambda client: client.inject_state("s", "u", "state"),
    "reset_state": lambda client: client.reset_state("s", "u"),
    "list_profiles": lambda client: client.list_profiles({"limit": 5}),
    "create_profile, rejected": lambda client: client.create_profile({"active": 5}),
    "get_profile, not found": lambda client: client.get_profile("a" * 24),
    "update_profile, not found": lambda client: client.update_profile("a" * 24, {}),
    "delete_profile, not found": lambda client: client.delete_profile("a" * 24),
    "drain": lambda client: client.drain(5),
}
# A call of each method that sends nothing.
LOCAL_CALLS: dict[str, Callable[[Any], object]] = {
    "metrics": lambda client: client.metrics(),
    "state_metrics": lambda client: client.state_metrics(),
    "audit_trail": lambda client: client.audit_trail(10),
    "with_deadline": lambda client: client.with_deadline(5),
}
OTHER_TESTS = {"close", "inject_many", "on_state_updated"}


def test_every_client_method_is_covered() -> None:
    names = {name for name in vars(cc.Client) if not name.startswith("_")}
    covered = {name.partition(",")[0] for name in (*NETWORK_CALLS, *LOCAL_CALLS)}
    assert covered | OTHER_TESTS == names


@pytest.fixture(scope="module")
def tenant() -> Iterator[str]:
    """Returns the URL of a sandbox in another process, whose memory is not measured."""
    command = [sys.executable, "-m", "cognigy_context", "sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            output = "".join(iter(process.stdout.readline, "Press Ctrl-C to stop.\n"))
            found = re.search(r"http://127\.0\.0\.1:\d+", output)
            assert found
            control(found[0], "PUT", "sessions/s")
            control(found[0], "PUT", "dialogs/d")
            yield found[0]
        finally:
            process.kill()


@pytest.fixture(autouse=True)
def _discard_log_records() -> Iterator[None]:
    """Discards log records, which pytest would retain. The client still creates them."""

    class DiscardAll(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            return False

    logger, discard = logging.getLogger("cognigy_context"), DiscardAll()
    logger.addFilter(discard)
    yield
    logger.removeFilter(discard)


def control(url: str, method: str, path: str) -> None:
    import urllib.request

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(
        f"{url}/_sandbox/{path}", data=b"{}", method=method
    )
    opener.open(request).close()


def settings() -> dict[str, Any]:
    unlimited: dict[str, Any] = {"rate": None, "platform_rate": None}
    return {"api_key": "sandbox-key", "max_concurrent": CONCURRENCY, **unlimited}


def growth(make_calls: Callable[[int], object]) -> int:
    """Returns the growth of the allocated memory over the calls, in bytes."""
    make_calls(WARM_UP)
    gc.collect()
    before = allocated_bytes()
    make_calls(CALLS)
    gc.collect()
    difference = allocated_bytes() - before
    print(f"allocated memory grew by {difference / 1024:.0f} KiB")
    return difference


def ignore_errors(call: Callable[[], object]) -> None:
    try:
        call()
    except cc.CognigyError:
        pass


async def ignore_errors_async(call: Awaitable[object]) -> None:
    try:
        await call
    except cc.CognigyError:
        pass


@pytest.mark.soak
@pytest.mark.parametrize("name", [*NETWORK_CALLS, *LOCAL_CALLS])
def test_memory_of_the_client_does_not_grow(name: str, tenant: str) -> None:
    call = {**NETWORK_CALLS, **LOCAL_CALLS}[name]
    with cc.Client(tenant, **settings()) as client:
        client.on_state_updated(lambda *args: None)

        def make_calls(count: int) -> None:
            for _ in range(count):
                ignore_errors(lambda: call(client))

        assert growth(make_calls) < MAX_GROWTH


@pytest.mark.soak
@pytest.mark.parametrize("name", NETWORK_CALLS)
def test_memory_of_the_async_client_does_not_grow(name: str, tenant: str) -> None:
    call = NETWORK_CALLS[name]
    loop = asyncio.new_event_loop()
    client = cc.AsyncClient(tenant, **settings())

    async def make_calls(count: int) -> None:
        for _ in range(count // CONCURRENCY):
            calls = (ignore_errors_async(call(client)) for _ in range(CONCURRENCY))
            await asyncio.gather(*calls)

    try:
        assert (
            growth(lambda count: loop.run_until_complete(make_calls(count)))
            < MAX_GROWTH
        )
        loop.run_until_complete(client.close())
    finally:
        loop.close()


@pytest.mark.soak
def test_memory_of_inject_many_does_not_grow(tenant: str) -> None:
    with cc.Client(tenant, **settings()) as client:

        def make_calls(count: int) -> None:
            for outcome in client.inject_many(PAYLOAD for _ in range(count)):
                assert outcome.status == "injected"

        assert growth(make_calls) < MAX_GROWTH


@pytest.mark.soak
def test_memory_of_async_inject_many_does_not_grow(tenant: str) -> None:
    async def make_calls(count: int) -> None:
        async with cc.AsyncClient(tenant, **settings()) as client:
            async for outcome in client.inject_many(PAYLOAD for _ in range(count)):
                assert outcome.status == "injected"

    assert growth(lambda count: asyncio.run(make_calls(count))) < MAX_GROWTH


@pytest.mark.soak
def test_memory_does_not_grow_over_cancelled_calls(tenant: str) -> None:
    async def make_calls(count: int) -> None:
        async with cc.AsyncClient(tenant, **settings()) as client:
            for turn in range(count):
                if turn % CONCURRENCY == 0:
                    # When this call has ended, the cancelled calls before it have ended, too.
                    await client.session_exists("s")
                call = asyncio.ensure_future(client.inject(PAYLOAD))
                await asyncio.sleep(0)
                call.cancel()
                await asyncio.wait([call])

    assert growth(lambda count: asyncio.run(make_calls(count))) < MAX_GROWTH


@pytest.mark.soak
def test_memory_does_not_grow_over_closed_clients(tenant: str) -> None:
    def make_calls(count: int) -> None:
        for _ in range(count // 10):
            with cc.Client(tenant, **settings()) as client:
                assert client.session_exists("s")

    assert growth(make_calls) < MAX_GROWTH
