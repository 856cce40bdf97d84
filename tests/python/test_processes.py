"""Signals, forks, subinterpreters, the exit and the import of the package."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import cognigy_context as cc
import pytest
from cognigy_context.testing import Sandbox
from pausing_proxy import PausingProxy

unix_only = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and signals")


def python(code: str, *arguments: str) -> "subprocess.Popen[str]":
    """Starts a Python process that runs the code."""
    return subprocess.Popen(
        # Newer Pythons warn about a fork in a process with threads, which these tests need.
        [
            *(sys.executable, "-W", "ignore::DeprecationWarning", "-c"),
            *(textwrap.dedent(code), *arguments),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until(condition: Callable[[], object]) -> None:
    """Waits up to 120 s until a condition is true."""
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "the condition is not true after 120 s"
        time.sleep(0.005)


@unix_only
def test_ctrl_c_interrupts_a_call(sandbox: Sandbox) -> None:
    # The call would take longer than the timeout of this test.
    sandbox.fault(latency=600)
    process = python(
        """
        import sys, cognigy_context as cc
        client = cc.Client(
            sys.argv[1], api_key="sandbox-key", deadline=600, attempt_timeout=600
        )
        try:
            client.inject_context("s", "u", {})
        except KeyboardInterrupt:
            print("interrupted", flush=True)
        """,
        sandbox.url,
    )
    wait_until(sandbox.requests)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert (out, err, process.returncode) == ("interrupted\n", "", 0)


@unix_only
def test_ctrl_c_interrupts_the_opening_of_a_locked_audit_file(tmp_path: Path) -> None:
    import fcntl

    path = tmp_path / "audit"
    with path.open("w") as locked:
        fcntl.flock(locked, fcntl.LOCK_EX)
        # Each opening of an empty file waits for the lock for a moment.
        process = python(
            """
            import os, sys, cognigy_context as cc
            print("started", flush=True)
            try:
                while True:
                    os.truncate(sys.argv[1], 0)
                    cc.Client("https://host", api_key="k", audit=sys.argv[1])
            except KeyboardInterrupt:
                print("interrupted", flush=True)
            """,
            str(path),
        )
        assert process.stdout
        # Then the first opening waits or has ended.
        assert process.stdout.readline() == "started\n"
        wait_until(lambda: path.stat().st_size)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    assert (out, err, process.returncode) == ("interrupted\n", "", 0)


@unix_only
def test_a_signal_handler_that_does_not_raise_does_not_interrupt_a_call(
    sandbox: Sandbox,
) -> None:
    handled = threading.Event()
    before = signal.signal(signal.SIGALRM, lambda *_: handled.set())

    def signal_while_the_call_waits(proxy: PausingProxy) -> None:
        proxy.wait_until_paused()
        os.kill(os.getpid(), signal.SIGALRM)
        # The handler runs on the thread of the call, before the response arrives.
        assert handled.wait(120)
        proxy.resume()

    try:
        with (
            PausingProxy(sandbox.url, "/context/inject") as proxy,
            cc.Client(proxy.url, api_key=sandbox.api_key, max_retries=0) as client,
        ):
            other = threading.Thread(target=signal_while_the_call_waits, args=(proxy,))
            other.start()
            assert client.inject_context("s", "u", {"a": 1}) == {"a": 1}
            other.join()
        assert handled.is_set()
    finally:
        signal.signal(signal.SIGALRM, before)


@unix_only
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_client_works_in_the_parent_and_the_children_of_a_fork(
    client: cc.Client, sandbox: Sandbox
) -> None:
    client.inject_context("before", "u", {"a": 1})
    children = []
    for number in range(3):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                first = client.inject_context(f"child-{number}", "u", {"n": number})
                second = client.inject_context(f"child-{number}", "u", {"m": 1})
                code = (
                    0
                    if (first, second) == ({"n": number}, {"n": number, "m": 1})
                    else 2
                )
            finally:
                os._exit(code)
        children.append(child)
    assert client.inject_context("parent", "u", {"b": 2}) == {"b": 2}
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    assert client.inject_context("parent", "u", {"c": 3}) == {"b": 2, "c": 3}
    assert sandbox.session("child-2")["context"] == {"n": 2, "m": 1}


@unix_only
def test_a_forked_child_can_close_a_client_and_a_sandbox_of_its_parent() -> None:
    process = python(
        """
        import os, cognigy_context as cc
        from cognigy_context.testing import Sandbox

        sandbox = Sandbox()
        client = cc.Client(sandbox.url, api_key="sandbox-key")
        client.inject_context("s", "u", {"a": 1})
        child = os.fork()
        if child == 0:
            client.close()
            sandbox.stop()
            del client, sandbox
            raise SystemExit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert client.inject_context("s", "u", {"b": 1}) == {"a": 1, "b": 1}
        sandbox.stop()
        print("done")
        """
    )
    out, err = process.communicate(timeout=120)
    assert (out, err, process.returncode) == ("done\n", "", 0)


def test_a_process_exits_while_a_call_waits(sandbox: Sandbox) -> None:
    # The call would take longer than the timeout of this test.
    sandbox.fault(latency=600)
    process = python(
        """
        import sys, threading, cognigy_context as cc
        client = cc.Client(
            sys.argv[1], api_key="sandbox-key", deadline=600, attempt_timeout=600
        )
        call = lambda: client.inject_context("s", "u", {})
        threading.Thread(target=call, daemon=True).start()
        sys.stdin.read()
        """,
        sandbox.url,
    )
    wait_until(sandbox.requests)
    # Closes the input of the process, so that it exits.
    out, err = process.communicate(timeout=120)
    assert (out, err, process.returncode) == ("", "", 0)


def test_the_import_in_a_subinterpreter_is_an_import_error() -> None:
    process = python(
        """
        try:
            import _interpreters as interpreters
        except ImportError:
            import _xxsubinterpreters as interpreters

        code = (
            "try:\\n    import cognigy_context\\n"
            "except ImportError as error:\\n    print(error, flush=True)"
        )
        import cognigy_context
        interpreters.run_string(interpreters.create(), code)
        assert cognigy_context.check({"a": 1}).ok
        """
    )
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    if sys.version_info < (3, 12):
        assert out.startswith("cognigy_context cannot be imported in a subinterpreter")
    else:
        # Python itself may reject the import first.
        assert "subinterpreter" in out


def test_the_import_loads_only_the_package() -> None:
    process = python(
        """
        import sys
        before = set(sys.modules)
        import cognigy_context
        print(*sorted(set(sys.modules) - before))
        """
    )
    out, err = process.communicate(timeout=120)
    assert (err, process.returncode) == ("", 0)
    assert out.split() == [
        "cognigy_context",
        "cognigy_context._core",
        "cognigy_context._errors",
    ]


@pytest.mark.parametrize("slots", ["__slots__ = ()", "pass"])
def test_a_class_in_the_place_of_datetime_is_not_read_from_memory(slots: str) -> None:
    # Libraries for tests replace the class. The library must not take the memory of its instances for
    # that of the class which is written in C.
    process = python(
        f"""
        import datetime

        original = datetime.datetime

        class Replacing(type):
            def __instancecheck__(cls, value):
                return isinstance(value, original)

        class Replaced(original, metaclass=Replacing):
            {slots}
            def isoformat(self, *args, **kwargs):
                return "2001-01-01T00:00:00+00:00"

        datetime.datetime = Replaced
        from cognigy_context import InjectionPayload
        for moment in (original(2030, 1, 31), Replaced(2030, 1, 31), Replaced(2030, 1, 31, tzinfo=datetime.timezone.utc)):
            variable = {{"key": "a", "value": 1, "expires_at": moment}}
            print(InjectionPayload("s", [variable, {{"key": "b", "value": moment}}]).to_json().decode())
        """
    )
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    first, second, third = output.splitlines()
    assert first.count("2030-01-31T00:00:00") == 2
    assert (
        second.count("2001-01-01T00:00:00+00:00")
        == third.count("2001-01-01T00:00:00+00:00")
        == 2
    )
