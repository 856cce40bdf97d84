"""Every public callable with wrong values in every place of its arguments.

The result is a value, a documented exception, or a TypeError that names the argument. The places come
from the stub of the package.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

# Bounds of the process that makes the calls.
TIMEOUT_SECONDS = 300
MAX_GROWN_MIB = 512


@pytest.fixture(scope="module")
def outcome() -> Any:
    script = Path(__file__).with_name("wrong_arguments.py")
    try:
        run = subprocess.run(
            [sys.executable, script],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as expired:
        trace = (expired.stderr or b"").decode()
        pytest.fail(f"a call hangs: {trace.splitlines()[-1:]}")
    assert run.returncode == 0, run.stderr[-2000:]
    return json.loads(run.stdout)


def test_every_public_callable_has_a_valid_call(outcome: Any) -> None:
    assert outcome["missing"] == [], "add a call to valid_arguments.py"
    assert outcome["unknown"] == []
    assert outcome["not_declared"] == []
    # Fewer of them would mean that the stub is not read.
    assert outcome["callables"] >= 115
    assert outcome["places"] >= 340
    assert outcome["attempts"] >= 35 * outcome["places"]


def test_every_call_returns_a_value_or_raises_a_documented_exception(
    outcome: Any,
) -> None:
    assert outcome["failures"] == []


def test_the_memory_is_bounded(outcome: Any) -> None:
    assert outcome["grown_mib"] <= MAX_GROWN_MIB
