"""``AsyncClient`` on asyncio: coroutines, cancelling, loops that come and go, many at once."""

import asyncio
import gc
import inspect
import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cognigy_context as cc
import pytest
from cognigy_context.testing import Sandbox
from pausing_proxy import PausingProxy

NO_LIMITS: dict[str, Any] = {"rate": None, "platform_rate": None, "max_concurrent": 64}


def client_of(sandbox: Sandbox, **settings: Any) -> cc.AsyncClient:
    given = {"api_key": sandbox.api_key, **NO_LIMITS, **settings}
    return cc.AsyncClient(given.pop("base_url", sandbox.url), **given)


def payload(session_id: str, **variables: object) -> cc.InjectionPayload:
    named = [{"key": key, "value": value} for key, value in variables.items()]
    return cc.InjectionPayload(session_id, named)


def until(happened: Any) -> None:
    """Waits for something that is sure to happen."""
    end = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


async def until_async(happened: Any) -> None:
    await asyncio.to_thread(until, happened)


def test_both_clients_have_the_same_methods() -> None:
    names = {name for name in vars(cc.Client) if not name.startswith("_")}
    assert {n for n in vars(cc.AsyncClient) if not n.startswith("_")} == names
    plain = {"metrics", "state_metrics", "audit_trail", "on_state_updated"}
    plain |= {"with_deadline", "inject_many"}
    for name in names:
        mine, theirs = getattr(cc.AsyncClient, name), getattr(cc.Client, name)
        assert inspect.iscoroutinefunction(mine) == (name not in plain), name
        assert mine.__doc__ and theirs.__doc__, name
        if name != "inject_many":
            given = list(inspect.signature(mine).parameters)
            assert given == list(inspect.signature(theirs).parameters), name


def test_a_context_is_injected_and_comes_back(sandbox: Sandbox) -> None:
    async def story() -> None:
        async with client_of(sandbox) as client:
            answer = await client.inject_context("s", "u", {"tier": "gold"})
            assert answer == {"tier": "gold"}
            with pytest.raises(cc.ValidationError):
                await client.inject_context("..", "u", {})
        with pytest.raises(cc.ConfigurationError, match="closed"):
            await client.inject_context("s", "u", {})

    asyncio.run(story())


def test_a_call_can_be_a_task(sandbox: Sandbox) -> None:
    async def story() -> None:
        async with client_of(sandbox) as client:
            task = asyncio.create_task(client.inject_context("s", "u", {"a": 1}))
            assert await asyncio.wait_for(task, 30) == {"a": 1}

    asyncio.run(story())


def test_two_hundred_calls_at_once(sandbox: Sandbox) -> None:
    async def story() -> None:
        async with client_of(sandbox) as client:
            calls = [client.inject_context(f"s-{n}", "u", {"n": n}) for n in range(200)]
            assert await asyncio.gather(*calls) == [{"n": n} for n in range(200)]
            assert client.metrics()["success_count"] == 200

    before = threading.active_count()
    asyncio.run(story())
    assert threading.active_count() <= before, "no Python thread stays for a call"


def test_the_loop_goes_on_while_a_call_waits(sandbox: Sandbox) -> None:
    async def story(proxy: PausingProxy) -> None:
        async with client_of(sandbox, base_url=proxy.url) as client:
            call = asyncio.ensure_future(client.inject_context("s", "u", {}))
            await asyncio.to_thread(proxy.wait_until_paused)
            for _ in range(10):
                await asyncio.sleep(0)
            assert not call.done()
            proxy.resume()
            assert await call == {}

    with PausingProxy(sandbox.url, "/context/inject") as proxy:
        asyncio.run(story(proxy))


def test_to_cancel_an_await_is_to_give_the_call_up(sandbox: Sandbox) -> None:
    sandbox.fault(latency=60)

    async def story() -> None:
        async with client_of(sandbox, max_concurrent=1) as client:
            call = asyncio.ensure_future(client.inject_context("s", "u", {}))
            await until_async(lambda: sandbox.requests())
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            sandbox.clear_faults()
            # Its one place is free again.
            assert await client.inject_context("t", "u", {"a": 1}) == {"a": 1}
            # The record of the first may come after that of the second, which has its place.
            await until_async(lambda: len(client.audit_trail()) == 2)
            statuses = {record["status"] for record in client.audit_trail()}
            assert statuses == {"cancelled", "success"}

    asyncio.run(story())


def test_a_timeout_of_asyncio_gives_the_call_up(sandbox: Sandbox) -> None:
    sandbox.fault(latency=60)

    async def story() -> None:
        async with client_of(sandbox) as client:
            call = asyncio.ensure_future(client.inject_context("s", "u", {}))
            await until_async(lambda: sandbox.requests())
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(call, 0.01)
            await until_async(lambda: client.audit_trail())
            assert client.audit_trail(1)[0]["status"] == "cancelled"

    asyncio.run(story())


def test_a_loop_may_be_closed_while_a_call_waits(sandbox: Sandbox) -> None:
    loop = asyncio.new_event_loop()
    with PausingProxy(sandbox.url, "/context/inject") as proxy:
        client = client_of(sandbox, base_url=proxy.url)
        call = loop.create_task(client.inject_context("s", "u", {}))
        loop.run_until_complete(asyncio.sleep(0))
        proxy.wait_until_paused()
        loop.close()
        # The end of the call meets a loop that is no more.
        proxy.resume()
        until(lambda: client.audit_trail())
        with pytest.raises(RuntimeError):
            call.get_loop().call_soon(print)
        call._log_destroy_pending = False  # type: ignore[attr-defined]
        del call
        gc.collect()

        async def again() -> dict[str, Any]:
            return await client.inject_context("t", "u", {"a": 1})

        assert asyncio.run(again()) == {"a": 1}
        assert asyncio.run(again()) == {"a": 1}


def test_one_client_serves_loops_of_many_threads(sandbox: Sandbox) -> None:
    client = client_of(sandbox)

    async def story(number: int) -> None:
        names = [f"k{n}" for n in range(10)]
        calls = [client.inject_context(f"s-{number}", "u", {n: number}) for n in names]
        await asyncio.gather(*calls)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: asyncio.run(story(number)), range(8)))
    for number in range(8):
        held = sandbox.session(f"s-{number}")["context"]
        assert held == {f"k{n}": number for n in range(10)}


def test_without_a_loop_there_is_no_call(sandbox: Sandbox) -> None:
    call = client_of(sandbox).inject_context("s", "u", {})
    with pytest.raises(RuntimeError, match="no running event loop"):
        call.send(None)
    assert sandbox.requests() == []


def test_listeners_are_called_on_the_thread_of_the_loop(sandbox: Sandbox) -> None:
    seen: list[Any] = []

    async def story() -> None:
        async with client_of(sandbox) as client:

            @client.on_state_updated
            def note(
                dialog_id: str, payload: Any, result: cc.StateUpdateResult
            ) -> None:
                here = asyncio.get_running_loop() is loop
                seen.append((dialog_id, payload, result.tag is not None, here))

            loop = asyncio.get_running_loop()
            sandbox.seed_dialog("d-1")
            await client.update_state("d-1", {"session": {"turn": 4}})
            assert seen == [("d-1", {"session": {"turn": 4}}, True, True)]

    asyncio.run(story())


def test_an_async_bulk_takes_plain_and_async_input(sandbox: Sandbox) -> None:
    for n in range(30):
        sandbox.seed(f"s-{n}")
    progress: list[int] = []

    async def rows() -> AsyncIterator[cc.InjectionPayload]:
        for n in range(30):
            await asyncio.sleep(0)
            yield payload(f"s-{n}", n=n)

    async def story() -> None:
        async with client_of(sandbox) as client:
            for items in ([payload(f"s-{n}", n=n) for n in range(30)], rows()):
                progress.clear()
                run = client.inject_many(
                    items,
                    concurrency=4,
                    on_progress=lambda s: progress.append(s["total"]),
                )
                outcomes = [outcome async for outcome in run]
                assert sorted(outcome.index for outcome in outcomes) == list(range(30))
                assert {outcome.status for outcome in outcomes} == {"injected"}
                assert run.summary["injected"] == 30
                assert progress == list(range(1, 31))

    asyncio.run(story())


def test_an_async_bulk_takes_no_more_than_is_under_way(sandbox: Sandbox) -> None:
    sandbox.seed("s")
    taken = 0

    async def rows() -> AsyncIterator[cc.InjectionPayload]:
        nonlocal taken
        for n in range(1000):
            taken = n + 1
            yield payload("s", n=n)

    async def story() -> None:
        async with client_of(sandbox) as client:
            run = client.inject_many(rows(), concurrency=3)
            ended = 0
            async for _ in run:
                ended += 1
                assert taken <= ended + 3
                if ended == 20:
                    break
            await run.aclose()
            assert run.summary["total"] == 20

    asyncio.run(story())


def test_what_the_input_raises_is_raised_when_the_rest_is_done(
    sandbox: Sandbox,
) -> None:
    sandbox.seed("s")

    async def rows() -> AsyncIterator[cc.InjectionPayload]:
        yield payload("s", a=1)
        yield payload("s", b=2)
        raise LookupError("the rows have ended early")

    async def story() -> None:
        async with client_of(sandbox) as client:
            ended = []
            with pytest.raises(LookupError, match="ended early"):
                async for outcome in client.inject_many(rows()):
                    ended.append(outcome.status)
            assert ended == ["injected", "injected"]

    asyncio.run(story())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_client_works_on_both_sides_of_a_fork(sandbox: Sandbox) -> None:
    code = """
        import asyncio, os, sys, cognigy_context as cc
        client = cc.AsyncClient(sys.argv[1], api_key="sandbox-key")
        async def call(name):
            return await client.inject_context(name, "u", {"a": 1})
        assert asyncio.run(call("before")) == {"a": 1}
        child = os.fork()
        name = "child" if child == 0 else "parent"
        assert asyncio.run(call(name)) == {"a": 1}
        assert asyncio.run(call(name)) == {"a": 1}
        if child:
            assert os.waitpid(child, 0)[1] == 0
            print("done")
        """
    process = subprocess.run(
        [
            *(sys.executable, "-W", "ignore::DeprecationWarning", "-c"),
            *(textwrap.dedent(code), sandbox.url),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (process.stdout, process.stderr) == ("done\n", "")
    assert sandbox.session("child")["context"] == {"a": 1}
