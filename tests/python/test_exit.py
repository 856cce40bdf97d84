"""The exit of a process while calls are pending or callbacks run."""

import subprocess
import sys
import textwrap
import time

import pytest
from cognigy_context.testing import Sandbox


def run(code: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_exit_waits_for_a_callback_to_the_event_loop(sandbox: Sandbox) -> None:
    done = run(
        """
        import asyncio, atexit, sys, threading, time, cognigy_context as cc

        exiting = threading.Event()

        class Loop(asyncio.SelectorEventLoop):
            def call_soon_threadsafe(self, *arguments, **keywords):
                handle = super().call_soon_threadsafe(*arguments, **keywords)
                # Meanwhile the loop and the program continue up to the exit.
                exiting.wait()
                time.sleep(0.1)
                return handle

        async def main():
            client = cc.AsyncClient(sys.argv[1], api_key="sandbox-key")
            # atexit calls this function before those that the client registered.
            atexit.register(exiting.set)
            print(await client.inject_context("s", "u", {"a": 1}))

        loop = Loop()
        loop.run_until_complete(main())
        """,
        sandbox.url,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "{'a': 1}\n", "")


def test_the_exit_does_not_wait_for_pending_calls(sandbox: Sandbox) -> None:
    # The call would take longer than the timeout of this test.
    sandbox.fault(latency=600)
    code = """
        import asyncio, sys, cognigy_context as cc

        async def main():
            client = cc.AsyncClient(
                sys.argv[1], api_key="sandbox-key", deadline=600, attempt_timeout=600
            )
            asyncio.ensure_future(client.inject_context("s", "u", {}))
            await asyncio.to_thread(sys.stdin.read)

        asyncio.run(main())
        """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), sandbox.url],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + 120
    while not sandbox.requests():
        assert time.monotonic() < end, "no request arrived"
        time.sleep(0.005)
    # Closes the input of the process, so that it exits.
    _, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_client_works_in_an_exit_handler_registered_before_or_after_it(
    sandbox: Sandbox, when: str
) -> None:
    done = run(
        """
        import asyncio, atexit, sys, cognigy_context as cc

        async def last():
            async with cc.AsyncClient(sys.argv[1], api_key="sandbox-key") as client:
                print(await client.inject_context("s", "u", {"last": True}))

        def register():
            atexit.register(lambda: asyncio.run(last()))

        if sys.argv[2] == "before":
            register()
        with cc.Client(sys.argv[1], api_key="sandbox-key") as client:
            client.inject_context("s", "u", {"first": True})
        if sys.argv[2] == "after":
            register()
        """,
        sandbox.url,
        when,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "{'first': True, 'last': True}\n"
