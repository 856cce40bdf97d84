"""``AsyncClient`` on asyncio: coroutines, cancellation, several loops, concurrency."""

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
    keywords = {"api_key": sandbox.api_key, **NO_LIMITS, **settings}
    return cc.AsyncClient(keywords.pop("base_url", sandbox.url), **keywords)


def payload(session_id: str, **variables: object) -> cc.InjectionPayload:
    named = [{"key": key, "value": value} for key, value in variables.items()]
    return cc.InjectionPayload(session_id, named)


def wait_until(condition: Any) -> None:
    """Waits up to 120 s until a condition is true."""
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "the condition is not true after 120 s"
        time.sleep(0.005)


async def wait_until_async(condition: Any) -> None:
    await asyncio.to_thread(wait_until, condition)


def test_both_clients_have_the_same_methods_and_parameters() -> None:
    names = {name for name in vars(cc.Client) if not name.startswith("_")}
    assert {n for n in vars(cc.AsyncClient) if not n.startswith("_")} == names
    synchronous = {"metrics", "state_metrics", "audit_trail", "on_state_updated"}
    synchronous |= {"with_deadline", "inject_many"}
    for name in names:
        method, blocking = getattr(cc.AsyncClient, name), getattr(cc.Client, name)
        assert inspect.iscoroutinefunction(method) == (name not in synchronous), name
        assert method.__doc__ and blocking.__doc__, name
        if name != "inject_many":
            parameters = list(inspect.signature(method).parameters)
            assert parameters == list(inspect.signature(blocking).parameters), name


def test_inject_context_returns_the_stored_context(sandbox: Sandbox) -> None:
    async def main() -> None:
        async with client_of(sandbox) as client:
            context = await client.inject_context("s", "u", {"tier": "gold"})
            assert context == {"tier": "gold"}
            with pytest.raises(cc.ValidationError):
                await client.inject_context("..", "u", {})
        with pytest.raises(cc.ConfigurationError, match="closed"):
            await client.inject_context("s", "u", {})

    asyncio.run(main())


def test_a_call_can_be_a_task(sandbox: Sandbox) -> None:
    async def main() -> None:
        async with client_of(sandbox) as client:
            task = asyncio.create_task(client.inject_context("s", "u", {"a": 1}))
            assert await asyncio.wait_for(task, 30) == {"a": 1}

    asyncio.run(main())


def test_200_concurrent_calls_return_their_own_contexts(sandbox: Sandbox) -> None:
    async def main() -> None:
        async with client_of(sandbox) as client:
            calls = [client.inject_context(f"s-{n}", "u", {"n": n}) for n in range(200)]
            assert await asyncio.gather(*calls) == [{"n": n} for n in range(200)]
            assert client.metrics()["success_count"] == 200

    before = threading.active_count()
    asyncio.run(main())
    assert threading.active_count() <= before, "a call left a Python thread"


def test_the_event_loop_runs_while_a_call_waits(sandbox: Sandbox) -> None:
    async def main(proxy: PausingProxy) -> None:
        async with client_of(sandbox, base_url=proxy.url) as client:
            call = asyncio.ensure_future(client.inject_context("s", "u", {}))
            await asyncio.to_thread(proxy.wait_until_paused)
            for _ in range(10):
                await asyncio.sleep(0)
            assert not call.done()
            proxy.resume()
            assert await call == {}

    with PausingProxy(sandbox.url, "/context/inject") as proxy:
        asyncio.run(main(proxy))


def test_cancelling_a_task_cancels_its_call(sandbox: Sandbox) -> None:
    sandbox.fault(latency=60)

    async def main() -> None:
        async with client_of(sandbox, max_concurrent=1) as client:
            call = asyncio.ensure_future(client.inject_context("s", "u", {}))
            await wait_until_async(lambda: sandbox.requests())
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            sandbox.clear_faults()
            # The only concurrency permit is free again.
            assert await client.inject_context("t", "u", {"a": 1}) == {"a": 1}
            # The record of the cancelled call may arrive after that of the second call.
            await wait_until_async(lambda: len(client.audit_trail()) == 2)
            statuses = {record["status"] for record in client.audit_trail()}
            assert statuses == {"cancelled", "success"}

    asyncio.run(main())


def test_a_timeout_of_asyncio_cancels_the_call(sandbox: Sandbox) -> None:
    sandbox.fault(latency=60)

    async def main() -> None:
        async with client_of(sandbox) as client:
            call = asyncio.ensure_future(client.inject_context("s", "u", {}))
            await wait_until_async(lambda: sandbox.requests())
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(call, 0.01)
            await wait_until_async(lambda: client.audit_trail())
            assert client.audit_trail(1)[0]["status"] == "cancelled"

    asyncio.run(main())


def test_a_client_works_after_its_loop_was_closed_during_a_call(
    sandbox: Sandbox,
) -> None:
    loop = asyncio.new_event_loop()
    with PausingProxy(sandbox.url, "/context/inject") as proxy:
        client = client_of(sandbox, base_url=proxy.url)
        call = loop.create_task(client.inject_context("s", "u", {}))
        loop.run_until_complete(asyncio.sleep(0))
        proxy.wait_until_paused()
        loop.close()
        # The call ends after its loop was closed.
        proxy.resume()
        wait_until(lambda: client.audit_trail())
        with pytest.raises(RuntimeError):
            call.get_loop().call_soon(print)
        call._log_destroy_pending = False  # type: ignore[attr-defined]
        del call
        gc.collect()

        async def call_again() -> dict[str, Any]:
            return await client.inject_context("t", "u", {"a": 1})

        assert asyncio.run(call_again()) == {"a": 1}
        assert asyncio.run(call_again()) == {"a": 1}


def test_event_loops_of_eight_threads_can_share_a_client(sandbox: Sandbox) -> None:
    client = client_of(sandbox)

    async def main(number: int) -> None:
        names = [f"k{n}" for n in range(10)]
        calls = [client.inject_context(f"s-{number}", "u", {n: number}) for n in names]
        await asyncio.gather(*calls)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: asyncio.run(main(number)), range(8)))
    for number in range(8):
        stored = sandbox.session(f"s-{number}")["context"]
        assert stored == {f"k{n}": number for n in range(10)}


def test_a_call_without_an_event_loop_is_a_runtime_error(sandbox: Sandbox) -> None:
    call = client_of(sandbox).inject_context("s", "u", {})
    with pytest.raises(RuntimeError, match="no running event loop"):
        call.send(None)
    assert sandbox.requests() == []


def test_listeners_are_called_on_the_thread_of_the_loop(sandbox: Sandbox) -> None:
    calls: list[Any] = []

    async def main() -> None:
        async with client_of(sandbox) as client:

            @client.on_state_updated
            def record(
                dialog_id: str, payload: Any, result: cc.StateUpdateResult
            ) -> None:
                is_same_loop = asyncio.get_running_loop() is loop
                has_tag = result.tag is not None
                calls.append((dialog_id, payload, has_tag, is_same_loop))

            loop = asyncio.get_running_loop()
            sandbox.seed_dialog("d-1")
            await client.update_state("d-1", {"session": {"turn": 4}})
            assert calls == [("d-1", {"session": {"turn": 4}}, True, True)]

    asyncio.run(main())


def test_inject_many_accepts_a_list_or_an_async_iterator(sandbox: Sandbox) -> None:
    for n in range(30):
        sandbox.seed(f"s-{n}")
    progress: list[int] = []

    async def rows() -> AsyncIterator[cc.InjectionPayload]:
        for n in range(30):
            await asyncio.sleep(0)
            yield payload(f"s-{n}", n=n)

    async def main() -> None:
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

    asyncio.run(main())


def test_inject_many_reads_only_as_many_items_as_it_sends_concurrently(
    sandbox: Sandbox,
) -> None:
    sandbox.seed("s")
    read = 0

    async def rows() -> AsyncIterator[cc.InjectionPayload]:
        nonlocal read
        for n in range(1000):
            read = n + 1
            yield payload("s", n=n)

    async def main() -> None:
        async with client_of(sandbox) as client:
            run = client.inject_many(rows(), concurrency=3)
            finished = 0
            async for _ in run:
                finished += 1
                assert read <= finished + 3
                if finished == 20:
                    break
            await run.aclose()
            assert run.summary["total"] == 20

    asyncio.run(main())


def test_an_error_of_the_input_is_raised_after_the_earlier_items(
    sandbox: Sandbox,
) -> None:
    sandbox.seed("s")

    async def rows() -> AsyncIterator[cc.InjectionPayload]:
        yield payload("s", a=1)
        yield payload("s", b=2)
        raise LookupError("a row is missing")

    async def main() -> None:
        async with client_of(sandbox) as client:
            statuses = []
            with pytest.raises(LookupError, match="missing"):
                async for outcome in client.inject_many(rows()):
                    statuses.append(outcome.status)
            assert statuses == ["injected", "injected"]

    asyncio.run(main())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_client_works_in_the_parent_and_the_child_of_a_fork(sandbox: Sandbox) -> None:
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
