"""Runs the Python examples of the workflows against a sandbox and compares their output."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cognigy_context.testing import Sandbox

EXAMPLES = Path(__file__).parent.parent.parent / "examples"

EXPECTED_LINES = {
    "variables": [
        "tier = 'platinum' (string, session)",
        "visits = 42 (integer, session)",
        "phone = '0049170' (string, session)",
        "tier in scope bot is shadowed by scope session",
    ],
    "injection": [
        "success 2 {'tier': 'gold', 'orders': [{'id': 'A-1001', 'total': 129.5}]}",
        "invalid_name at /variables/0/key",
        "invalid_scope at /variables/0/scope",
        "invalid_timestamp at /variables/1/expiresAt",
        "50.0 % of the injections succeeded",
    ],
    "documents": [
        "pruned to fit: /user_profile/preferences",
        "schema_violation at /user_profile/age",
        "'there': 'before'",
        "'name': 'Ada', 'age': 36, 'preferences': []",
    ],
    "state": [
        "dialog-1: ['order'] by ",
        "dialog-1: ['transcript'] by ",
        "dialog-1: ['history'] by ",
        "sent in 2 parts",
        "{'language': 'de'} {'persistence_rate': 1.0, 'average_latency': ",
    ],
    "webhook": [
        "key in the store of the service: session:",
        "webhook_timestamp = 1735689600",
        """custom_data = '{"page":"/orders"}'""",
        "wrong_type at /timestamp",
    ],
}
SESSION = {
    "document": {"there": "before"},
    "botVariables": [{"name": "tier", "value": "gold", "scope": "bot"}],
}


@pytest.mark.parametrize("name", EXPECTED_LINES)
def test_example_prints_the_expected_lines(name: str, sandbox: Sandbox) -> None:
    sandbox._control("PUT", "sessions/session-1", SESSION)
    sandbox._control("PUT", "dialogs/dialog-1", {})
    tenant: Any = {
        "COGNIGY_BASE_URL": sandbox.url,
        "COGNIGY_API_KEY": sandbox.api_key,
    }
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name / f"{name}.py")],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **tenant},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    for line in EXPECTED_LINES[name]:
        assert line in done.stdout, done.stdout
