"""Measures the webhook requests per second of one worker, and of a hand-written service.

Sends a fixed number of requests over loopback, in rounds that alternate between the services, and
reports the median. Prints a table, and writes it and its figures to the folder in the argument.
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

from cognigy_context.testing import Sandbox

SECRET = "a-shared-secret"
CONNECTIONS = 32
ROUNDS = 5
# Requests per round. The slower services get fewer.
REQUESTS = {"ours": 1_600, "hand_written": 320, "hand_written_cached_token": 640}
NAMES = {
    "ours": "`cognigy_context.service`",
    "hand_written": "hand-written: FastAPI, httpx, redis-py, a token per event",
    "hand_written_cached_token": "hand-written, with a cached token",
}


class Server:
    """One uvicorn process with one worker. The constructor starts it."""

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        # A file, because a full pipe would block the server.
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


async def send_all(port: int, requests: list[bytes], latencies: list[float]) -> None:
    """Sends requests one after another on one connection. Adds each latency in seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        start = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        length = head.lower().split(b"content-length:")[1].split(b"\r\n")[0]
        await reader.readexactly(int(length))
        latencies.append(time.perf_counter() - start)
    writer.close()


async def run_round(
    kind: str, port: int, number: int
) -> tuple[float, list[float], dict[str, int]]:
    """Runs a round.

    Returns:
        Requests per second, the latencies in seconds, and the last timestamp by session.
    """
    count = REQUESTS[kind] // CONNECTIONS
    last_timestamps: dict[str, int] = {}
    work: list[list[bytes]] = []
    latencies: list[float] = []
    for connection in range(CONNECTIONS):
        session = f"{kind}-{connection}"
        first = number * count
        work.append([request_of(kind, session, first + n) for n in range(count)])
        last_timestamps[session] = first + count - 1
    start = time.perf_counter()
    await asyncio.gather(*(send_all(port, requests, latencies) for requests in work))
    rate = REQUESTS[kind] / (time.perf_counter() - start)
    return rate, latencies, last_timestamps


def main(folder: Path) -> None:
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
        hand_written = [
            "uvicorn",
            "hand_written_service:app",
            "--port",
            "0",
            "--no-access-log",
        ]
        servers = {
            "ours": Server(["cognigy_context.service", "--port", "0"], environment),
            "hand_written": Server(hand_written, environment),
            "hand_written_cached_token": Server(
                hand_written, environment | {"CACHE_TOKEN": "1"}
            ),
        }
        for kind in servers:
            for connection in range(CONNECTIONS):
                sandbox.seed(f"{kind}-{connection}")
        rates: dict[str, list[float]] = {kind: [] for kind in servers}
        times: dict[str, list[float]] = {kind: [] for kind in servers}
        try:
            # The first round is a warm-up.
            for number in range(ROUNDS + 1):
                for kind, server in servers.items():
                    rate, latencies, last_timestamps = asyncio.run(
                        run_round(kind, server.port, number)
                    )
                    check_documents(sandbox, kind, last_timestamps)
                    if number > 0:
                        rates[kind].append(rate)
                        times[kind] += latencies
        finally:
            for server in servers.values():
                server.stop()
    report(folder, rates, times)


def check_documents(
    sandbox: Sandbox, kind: str, last_timestamps: dict[str, int]
) -> None:
    """Checks that each session has the variables of its last event."""
    for session, timestamp in last_timestamps.items():
        document = sandbox.session(session)["document"]
        custom = json.loads(document.pop("custom_data"))
        assert custom == {"page": "/orders", "visits": 3}
        assert document == {
            "last_user_message": f"Where is my order {kind}?",
            "webhook_timestamp": timestamp,
            "channel_type": "webchat",
        }


def report(
    folder: Path, rates: dict[str, list[float]], times: dict[str, list[float]]
) -> None:
    """Prints and writes the table and the figures."""
    ours = statistics.median(rates["ours"])
    rows, figures = [], {}
    for kind, name in NAMES.items():
        rate = statistics.median(rates[kind])
        percentiles = statistics.quantiles(times[kind], n=100)
        p50_ms, p99_ms = percentiles[49] * 1000, percentiles[98] * 1000
        figures[kind] = {
            "requests_per_second": round(rate, 1),
            "p50_ms": round(p50_ms, 2),
            "p99_ms": round(p99_ms, 2),
            "speedup": round(ours / rate, 2),
        }
        ratio = "" if kind == "ours" else f"{ours / rate:.1f}×"
        rows.append(f"| {name} | {rate:,.0f} | {p50_ms:.1f} | {p99_ms:.1f} | {ratio} |")
    ratio = ours / statistics.median(rates["hand_written"])
    measurement = (
        "Requests per second, relative to the hand-written service with a token per event: "
        f"{ratio:.1f}×. docs/performance.md states the target."
    )
    conditions = (
        f"One worker, Redis on loopback, {CONNECTIONS} connections, "
        f"{ROUNDS} rounds of {REQUESTS['ours']:,} requests (hand-written: "
        f"{REQUESTS['hand_written']:,} and {REQUESTS['hand_written_cached_token']:,}), "
        f"Python {platform.python_version()}. The hand-written service has no leases, no order "
        "and no deduplication."
    )
    text = "\n".join(
        [
            conditions,
            "",
            "| service | requests/s | p50 ms | p99 ms | ours is faster by |",
            "|---|--:|--:|--:|--:|",
            *rows,
            "",
            measurement,
        ]
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "service.md").write_text(text + "\n", "utf-8")
    (folder / "service.json").write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    print(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
