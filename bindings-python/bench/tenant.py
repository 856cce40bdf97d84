"""A tenant in a process of its own, for the rows that go over a network: no limit of requests, and no
log of them."""

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

API_KEY = "bench"
SESSIONS = 64

_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


@contextmanager
def tenant() -> Iterator[str]:
    """Its address; it ends with the block."""
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
            forget(url)
            yield url
        finally:
            process.terminate()


def control(url: str, method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/_sandbox/{path}", data=data, method=method)
    with _open(request) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def forget(url: str) -> None:
    """Makes it a tenant that has seen nothing."""
    control(url, "POST", "reset")
    config = {"recordRequests": False, "createSessions": True}
    control(url, "PATCH", "config", config)


def held(url: str) -> dict[str, Any]:
    """What the sessions hold, without the times of their last change."""
    found: dict[str, Any] = {}
    for session in control(url, "GET", "sessions")["sessions"]:
        variables = control(url, "GET", f"sessions/{session}")["variables"]
        found[session] = {it["key"]: (it["value"], it["scope"]) for it in variables}
    return found


def row(index: int) -> tuple[str, list[dict[str, Any]]]:
    """A session, and the variables that are injected into it. What a session holds does not grow."""
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


def body(variables: list[dict[str, Any]]) -> bytes:
    """What an integrator writes today."""
    wire = [{**variable, "expiresAt": None} for variable in variables]
    whole = {"variables": wire, "mergeStrategy": "atomic_put"}
    return json.dumps(whole, separators=(",", ":")).encode()
