"""How many events a second one worker takes, beside the same service by hand.

A bounded number of requests over loopback, in rounds that take turns; the median counts. Prints a
table, and writes it and the figures to the folder that is given.
"""

import asyncio
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from cognigy_context.testing import Sandbox

SECRET = "a-shared-secret"
CONNECTIONS = 32
ROUNDS = 5
# Of one round. The slow ones are sampled.
REQUESTS = {"ours": 1_600, "by_hand": 320, "by_hand_kept": 640}
NAMES = {
    "ours": "`cognigy_context.service`",
    "by_hand": "by hand: FastAPI, httpx, redis-py, a token for each request",
    "by_hand_kept": "the same, with its token kept",
}


class Server:
    """One uvicorn process with one worker."""

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        # A file, as a pipe that nobody reads would hold the server up.
        self._log = tempfile.NamedTemporaryFile()  # noqa: SIM115 (it ends with the server)
        self._process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            env=os.environ | environment,
            cwd=Path(__file__).parent,
            stderr=self._log,
            stdout=subprocess.DEVNULL,
        )
        found = None
        while not found:
            if self._process.poll() is not None:
                raise RuntimeError(f"{arguments} did not start")
            time.sleep(0.02)
            log = Path(self._log.name).read_text("utf-8")
            found = re.search(r"running on http://127.0.0.1:([0-9]+) ", log)
        self.port = int(found[1])

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._log.close()


def request_of(kind: str, session: str, timestamp: int) -> bytes:
    body = json.dumps(
        {
            "sessionId": session,
            "userId": "user-1",
            "message": f"Where is my order {kind}?",
            "channel": "webchat",
            "timestamp": timestamp,
            "custom": {"page": "/orders", "visits": 3},
        }
    )
    return (
        "POST /webhook HTTP/1.1\r\nHost: service\r\nContent-Type: application/json\r\n"
        f"x-webhook-secret: {SECRET}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


async def drive(port: int, requests: list[bytes], latencies: list[float]) -> None:
    """One connection: one request after the other."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        length = head.lower().split(b"content-length:")[1].split(b"\r\n")[0]
        await reader.readexactly(int(length))
        latencies.append(time.perf_counter() - began)
    writer.close()


async def round_of(
    kind: str, port: int, number: int
) -> tuple[float, list[float], dict[str, Any]]:
    """Requests a second, how long each took, and what the tenant must hold then."""
    each = REQUESTS[kind] // CONNECTIONS
    last: dict[str, Any] = {}
    work, latencies = [], []
    for connection in range(CONNECTIONS):
        session = f"{kind}-{connection}"
        start = number * each
        requests = [request_of(kind, session, start + n) for n in range(each)]
        last[session] = start + each - 1
        work.append(requests)
    began = time.perf_counter()
    await asyncio.gather(*(drive(port, requests, latencies) for requests in work))
    return REQUESTS[kind] / (time.perf_counter() - began), latencies, last


def main(place: Path) -> None:
    with Sandbox() as sandbox:
        environment = {
            "COGNIGY_BASE_URL": sandbox.url,
            "COGNIGY_CLIENT_ID": sandbox.client_id,
            "COGNIGY_CLIENT_SECRET": sandbox.client_secret,
            "COGNIGY_SERVICE_SHARED_SECRETS": SECRET,
            "COGNIGY_SERVICE_REDIS_URL": os.environ["REDIS_URL"],
            "COGNIGY_SERVICE_RATE": "off",
            "COGNIGY_SERVICE_MAX_CONCURRENT": "64",
        }
        by_hand = ["uvicorn", "by_hand:app", "--port", "0", "--no-access-log"]
        servers = {
            "ours": Server(["cognigy_context.service", "--port", "0"], environment),
            "by_hand": Server(by_hand, environment),
            "by_hand_kept": Server(by_hand, environment | {"KEEPS_TOKEN": "1"}),
        }
        for kind in servers:
            for connection in range(CONNECTIONS):
                sandbox.seed(f"{kind}-{connection}")
        rates: dict[str, list[float]] = {kind: [] for kind in servers}
        times: dict[str, list[float]] = {kind: [] for kind in servers}
        try:
            # The first round only warms up.
            for number in range(ROUNDS + 1):
                for kind, server in servers.items():
                    rate, latencies, last = asyncio.run(
                        round_of(kind, server.port, number)
                    )
                    hold_equal(sandbox, kind, last)
                    if number > 0:
                        rates[kind].append(rate)
                        times[kind] += latencies
        finally:
            for server in servers.values():
                server.stop()
    report(place, rates, times)


def hold_equal(sandbox: Sandbox, kind: str, last: dict[str, Any]) -> None:
    """Both do the same work to the same result."""
    for session, timestamp in last.items():
        document = sandbox.session(session)["document"]
        custom = json.loads(document.pop("custom_data"))
        assert custom == {"page": "/orders", "visits": 3}
        assert document == {
            "last_user_message": f"Where is my order {kind}?",
            "webhook_timestamp": timestamp,
            "channel_type": "webchat",
        }


def report(
    place: Path, rates: dict[str, list[float]], times: dict[str, list[float]]
) -> None:
    ours = statistics.median(rates["ours"])
    rows, figures = [], {}
    for kind, name in NAMES.items():
        rate = statistics.median(rates[kind])
        cuts = statistics.quantiles(times[kind], n=100)
        figures[kind] = {
            "requests_per_second": round(rate, 1),
            "p50_ms": round(cuts[49] * 1000, 2),
            "p99_ms": round(cuts[98] * 1000, 2),
            "ours_is_times_as_fast": round(ours / rate, 2),
        }
        ratio = "" if kind == "ours" else f"{ours / rate:.1f}×"
        rows.append(
            f"| {name} | {rate:,.0f} | {cuts[49] * 1000:.1f} | {cuts[98] * 1000:.1f} "
            f"| {ratio} |"
        )
    ratio = ours / statistics.median(rates["by_hand"])
    setting = (
        f"One worker, Redis on loopback, {CONNECTIONS} connections, "
        f"{ROUNDS} rounds of {REQUESTS['ours']:,} requests (the slow ones "
        f"{REQUESTS['by_hand']:,} and {REQUESTS['by_hand_kept']:,}); "
        f"Python {platform.python_version()}. By hand there are no leases, no order, no "
        "duplicates; the service does all of that."
    )
    text = "\n".join(
        [
            setting,
            "",
            "| service | requests/s | p50 ms | p99 ms | ours is |",
            "|---|--:|--:|--:|--:|",
            *rows,
            "",
            f"Row 14: {ratio:.1f}× (to reach: 3×).",
        ]
    )
    place.mkdir(parents=True, exist_ok=True)
    (place / "service.md").write_text(text + "\n", "utf-8")
    (place / "service.json").write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    print(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
