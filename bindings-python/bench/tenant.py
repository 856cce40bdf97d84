"""The sandbox in its own process, for the rows that use a network."""

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

API_KEY = "bench"
# The variables are injected into this number of sessions, in turn.
SESSIONS = 64

_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


@contextmanager
def tenant() -> Iterator[str]:
    """Starts a tenant that does not record requests. Yields its URL."""
    command = [sys.executable, "-m", "cognigy_context", "sandbox"]
    with subprocess.Popen(
        [*command, "--port", "0", "--api-key", API_KEY],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout
            banner = "".join(iter(process.stdout.readline, "Press Ctrl-C to stop.\n"))
            found = re.search(r"http://127\.0\.0\.1:\d+", banner)
            assert found
            url = found[0]
            reset(url)
            yield url
        finally:
            process.terminate()


def control(url: str, method: str, path: str, body: Any = None) -> Any:
    """Calls a control route. Returns the JSON value; None for an empty response."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/_sandbox/{path}", data=data, method=method)
    with _open(request) as response:
        text = response.read()
    return json.loads(text) if text else None


def reset(url: str) -> None:
    """Deletes all data of the tenant, and turns off the record of requests."""
    control(url, "POST", "reset")
    config = {"recordRequests": False, "createSessions": True}
    control(url, "PATCH", "config", config)


def stored_variables(url: str) -> dict[str, Any]:
    """Returns value and scope of each variable, by session and name."""
    stored: dict[str, Any] = {}
    for session in control(url, "GET", "sessions")["sessions"]:
        variables = control(url, "GET", f"sessions/{session}")["variables"]
        stored[session] = {it["key"]: (it["value"], it["scope"]) for it in variables}
    return stored


def injection(index: int) -> tuple[str, list[dict[str, Any]]]:
    """Returns a session id and the variables to inject.

    The names are always the same, so that the sessions do not grow.
    """
    variables = [
        {"key": "tier", "value": "gold", "scope": "user"},
        {"key": "visits", "value": index, "scope": "session"},
        {
            "key": "order",
            "value": {"id": f"A-{index}", "open": True},
            "scope": "session",
        },
    ]
    return f"session-{index % SESSIONS}", variables


def encode_body(variables: list[dict[str, Any]]) -> bytes:
    """Returns a body, as an integrator without this library would write it."""
    wire = [{**variable, "expiresAt": None} for variable in variables]
    body = {"variables": wire, "mergeStrategy": "atomic_put"}
    return json.dumps(body, separators=(",", ":")).encode()
