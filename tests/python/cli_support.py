"""Fixtures and functions for the tests of the command line."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cognigy_context import Client
from cognigy_context.testing import Sandbox

# An invalid API key. The output must not contain it.
INVALID_KEY = "an-invalid-api-key"

WriteFile = Callable[..., str]


@pytest.fixture(name="write_file")
def write_file_fixture(tmp_path: Path) -> WriteFile:
    """Returns a function that writes a file and returns its path."""

    def write(name: str, text: str) -> str:
        path = tmp_path / name
        path.write_bytes(text.encode())
        return str(path)

    return write


@pytest.fixture(name="_tenant")
def tenant_fixture(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sets the environment for a sandbox with a session ``s`` and a dialog ``d``."""
    sandbox.seed("s")
    sandbox.seed_dialog("d")
    monkeypatch.setenv("COGNIGY_BASE_URL", sandbox.url)
    monkeypatch.setenv("COGNIGY_API_KEY", sandbox.api_key)
    monkeypatch.setenv("COLUMNS", "120")


def injected_variables(sandbox: Sandbox) -> dict[str, Any]:
    """Returns the injected variables of session ``s``."""
    with Client(sandbox.url, api_key=sandbox.api_key) as client:
        return client.get_injected("s").variables


def wait_until(condition: Callable[[], bool]) -> None:
    """Waits up to 60 s until a condition is true."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "the condition did not become true"
        time.sleep(0.005)


def run_on_terminal(*arguments: str) -> tuple[int, bytes]:
    """Runs a command on a pseudo terminal.

    Returns:
        The exit code and the output.
    """
    import pty

    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        environment.pop(name, None)
    with subprocess.Popen(
        [sys.executable, "-m", "cognigy_context", *arguments],
        stdout=follower,
        stderr=follower,
        stdin=subprocess.DEVNULL,
        env=environment,
    ) as process:
        os.close(follower)
        output = b""
        while part := _read(leader):
            output += part
        exit_code = process.wait(timeout=60)
    os.close(leader)
    return exit_code, output


def _read(descriptor: int) -> bytes:
    # On Linux the read fails after the process has closed the other end.
    try:
        return os.read(descriptor, 4096)
    except OSError:
        return b""
