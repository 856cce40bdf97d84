"""Memory stays flat over many calls of each network entry point; the calls are part of the soak."""

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
from test_soak import SLACK, held_bytes

CALLS = 5_000
# More than there are audit records in memory.
WARM_UP = 2_500
AT_A_TIME = 50

PAYLOAD = {"session_id": "s", "variables": [{"key": "a", "value": {"b": [1, "ü"]}}]}
NOWHERE = {"session_id": "nobody", "variables": [{"key": "a", "value": 1}]}
UPDATE = cc.StateUpdate({"a": 1}, {"b": [2]}, "pay")

# One call each, of either client.
CALLS_OF: dict[str, Callable[[Any], Any]] = {
    "inject": lambda client: client.inject(PAYLOAD),
    "inject, not found": lambda client: client.inject(NOWHERE),
    "inject, refused": lambda client: client.inject({**PAYLOAD, "session_id": ".."}),
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
    "create_profile, refused": lambda client: client.create_profile({"active": 5}),
    "get_profile, not found": lambda client: client.get_profile("a" * 24),
    "update_profile, not found": lambda client: client.update_profile("a" * 24, {}),
    "delete_profile, not found": lambda client: client.delete_profile("a" * 24),
    "drain": lambda client: client.drain(5),
}
# What waits for nothing.
PLAIN: dict[str, Callable[[Any], object]] = {
    "metrics": lambda client: client.metrics(),
    "state_metrics": lambda client: client.state_metrics(),
    "audit_trail": lambda client: client.audit_trail(10),
    "with_deadline": lambda client: client.with_deadline(5),
}
ELSEWHERE = {"close", "inject_many", "on_state_updated"}


def test_every_network_entry_point_is_among_them() -> None:
    names = {name for name in vars(cc.Client) if not name.startswith("_")}
    covered = {name.partition(",")[0] for name in (*CALLS_OF, *PLAIN)}
    assert covered | ELSEWHERE == names


@pytest.fixture(scope="module")
def tenant() -> Iterator[str]:
    """In a process of its own, so that its memory is not measured."""
    command = [sys.executable, "-m", "cognigy_context", "sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            shown = "".join(iter(process.stdout.readline, "Press Ctrl-C to stop.\n"))
            found = re.search(r"http://127\.0\.0\.1:\d+", shown)
            assert found
            control(found[0], "PUT", "sessions/s")
            control(found[0], "PUT", "dialogs/d")
            yield found[0]
        finally:
            process.kill()


@pytest.fixture(autouse=True)
def _log_that_is_not_kept() -> Iterator[None]:
    """pytest keeps what is logged, which is no leak. Records are made all the same."""

    class Nothing(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            return False

    logger, nothing = logging.getLogger("cognigy_context"), Nothing()
    logger.addFilter(nothing)
    yield
    logger.removeFilter(nothing)


def control(url: str, method: str, path: str) -> None:
    import urllib.request

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(
        f"{url}/_sandbox/{path}", data=b"{}", method=method
    )
    opener.open(request).close()


def settings() -> dict[str, Any]:
    unlimited: dict[str, Any] = {"rate": None, "platform_rate": None}
    return {"api_key": "sandbox-key", "max_concurrent": AT_A_TIME, **unlimited}


def growth(few: Callable[[int], object]) -> int:
    """By how much the process grows over the calls."""
    few(WARM_UP)
    gc.collect()
    before = held_bytes()
    few(CALLS)
    gc.collect()
    grown = held_bytes() - before
    print(f"grown by {grown / 1024:.0f} KiB")
    return grown


def quietly(call: Callable[[], object]) -> None:
    try:
        call()
    except cc.CognigyError:
        pass


async def quietly_async(call: Awaitable[object]) -> None:
    try:
        await call
    except cc.CognigyError:
        pass


@pytest.mark.soak
@pytest.mark.parametrize("name", [*CALLS_OF, *PLAIN])
def test_memory_of_the_client_is_flat(name: str, tenant: str) -> None:
    call = {**CALLS_OF, **PLAIN}[name]
    with cc.Client(tenant, **settings()) as client:
        client.on_state_updated(lambda *told: None)

        def few(count: int) -> None:
            for _ in range(count):
                quietly(lambda: call(client))

        assert growth(few) < SLACK


@pytest.mark.soak
@pytest.mark.parametrize("name", CALLS_OF)
def test_memory_of_the_async_client_is_flat(name: str, tenant: str) -> None:
    call = CALLS_OF[name]
    loop = asyncio.new_event_loop()
    client = cc.AsyncClient(tenant, **settings())

    async def some(count: int) -> None:
        for _ in range(count // AT_A_TIME):
            calls = (quietly_async(call(client)) for _ in range(AT_A_TIME))
            await asyncio.gather(*calls)

    try:
        assert growth(lambda count: loop.run_until_complete(some(count))) < SLACK
        loop.run_until_complete(client.close())
    finally:
        loop.close()


@pytest.mark.soak
def test_memory_of_many_injections_is_flat(tenant: str) -> None:
    with cc.Client(tenant, **settings()) as client:

        def few(count: int) -> None:
            for outcome in client.inject_many(PAYLOAD for _ in range(count)):
                assert outcome.status == "injected"

        assert growth(few) < SLACK


@pytest.mark.soak
def test_memory_of_many_async_injections_is_flat(tenant: str) -> None:
    async def some(count: int) -> None:
        async with cc.AsyncClient(tenant, **settings()) as client:
            async for outcome in client.inject_many(PAYLOAD for _ in range(count)):
                assert outcome.status == "injected"

    assert growth(lambda count: asyncio.run(some(count))) < SLACK


@pytest.mark.soak
def test_memory_over_cancelled_calls_is_flat(tenant: str) -> None:
    async def some(count: int) -> None:
        async with cc.AsyncClient(tenant, **settings()) as client:
            for turn in range(count):
                if turn % AT_A_TIME == 0:
                    # What was given up has ended when a call after it has.
                    await client.session_exists("s")
                call = asyncio.ensure_future(client.inject(PAYLOAD))
                await asyncio.sleep(0)
                call.cancel()
                await asyncio.wait([call])

    assert growth(lambda count: asyncio.run(some(count))) < SLACK


@pytest.mark.soak
def test_memory_over_clients_that_come_and_go_is_flat(tenant: str) -> None:
    def few(count: int) -> None:
        for _ in range(count // 10):
            with cc.Client(tenant, **settings()) as client:
                assert client.session_exists("s")

    assert growth(few) < SLACK
