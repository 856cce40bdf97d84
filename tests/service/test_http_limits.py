"""The limits of connections: size, number and time of headers, unread responses, pipelined requests.

The tests speak to the service in its own process, as its callers do, over plain sockets.
"""

import asyncio
import base64
import hashlib
import hmac
import http.client
import json
import re
import resource
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cognigy_context.cli.serve import _raise_file_limit
from cognigy_context.service import Settings
from cognigy_context.service.http_limits import LimitedHttpProtocol
from cognigy_context.testing import Sandbox
from conftest import SECRET, event, stored_document
from uvicorn.config import Config
from uvicorn.server import ServerState
from workers import Workers

# Seconds after which a waiting test fails. A test that passes never waits this long.
HANG_SECONDS = 120
KEY = b"0123456789abcdef0123456789abcdef"
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"

Start = Callable[..., Workers]


def launch(log: Path, sandbox: Sandbox, **settings: object) -> Workers:
    """Starts a service with one process and no Redis."""
    variables = {
        "COGNIGY_BASE_URL": sandbox.url,
        "COGNIGY_API_KEY": sandbox.api_key,
        "COGNIGY_SERVICE_SHARED_SECRETS": SECRET,
        "COGNIGY_SERVICE_WEBHOOK_SECRETS": "whsec_" + base64.b64encode(KEY).decode(),
        "COGNIGY_SERVICE_RATE": "off",
        # Longer than any test takes. Tests of the timeout use a shorter one.
        "COGNIGY_SERVICE_HEADER_TIMEOUT": "300",
    }
    for name, value in settings.items():
        variables[f"COGNIGY_SERVICE_{name.upper()}"] = str(value)
    return Workers(log, 1, variables)


@pytest.fixture
def start(tmp_path: Path, shared_sandbox: Sandbox) -> Iterator[Start]:
    """Starts services with settings of their own: ``start(max_connections=2)``."""
    running: list[Workers] = []

    def start(**settings: object) -> Workers:
        log = tmp_path / f"log-{len(running)}"
        running.append(launch(log, shared_sandbox, **settings))
        return running[-1]

    yield start
    for service in running:
        service.stop()


@pytest.fixture(scope="module")
def running_service(
    tmp_path_factory: pytest.TempPathFactory, shared_sandbox: Sandbox
) -> Iterator[Workers]:
    service = launch(tmp_path_factory.mktemp("service") / "log", shared_sandbox)
    yield service
    service.stop()


@pytest.fixture
def service(running_service: Workers, shared_sandbox: Sandbox) -> Workers:
    """A service with the default limits, for tests that do not stop it."""
    shared_sandbox.reset()
    return running_service


def connect(service: Workers) -> socket.socket:
    address = urlsplit(service.url)
    connection = socket.create_connection((address.hostname, address.port))
    connection.settimeout(HANG_SECONDS)
    return connection


def read_to_end(connection: socket.socket) -> bytes:
    """Reads until the service closes the connection."""
    parts = []
    try:
        while part := connection.recv(65_536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def read_response(connection: socket.socket) -> bytes:
    """Reads one response to a health check."""
    response = b""
    while not response.endswith(b'{"status":"ok"}'):
        part = connection.recv(65_536)
        assert part
        response += part
    return response


def exchange(service: Workers, data: bytes) -> bytes:
    """Sends data, and returns everything up to the end of the connection."""
    with connect(service) as connection:
        try:
            connection.sendall(data)
        except ConnectionError:
            # The service has closed the connection before it has read everything.
            pass
        return read_to_end(connection)


def statuses(response: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d+) ", response)]


def is_healthy(service: Workers) -> bool:
    return statuses(exchange(service, HEALTH + b"Connection: close\r\n\r\n")) == [200]


def resident_bytes(service: Workers) -> int:
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1_024


@contextmanager
def open_files(count: int) -> Iterator[None]:
    """Allows this process a number of open files."""
    limits = soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    if soft != unlimited and soft < count:
        count = count if hard == unlimited else min(count, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.mark.parametrize(
    "data",
    [
        # One header, many of them, a URL, a name, and line breaks before a request.
        HEALTH + b"a: " + b"x" * 24_000,
        HEALTH + b"".join(b"a%d: x\r\n" % number for number in range(101)) + b"\r\n",
        HEALTH + b"".join(b"a%d: %s\r\n" % (n, b"x" * 500) for n in range(40)),
        b"GET /" + b"x" * 24_000,
        HEALTH + b"x" * 24_000,
        b"\r\n" * 12_000,
        # In a request that is otherwise complete.
        HEALTH + b"a: " + b"x" * 16_384 + b"\r\n\r\n",
    ],
)
def test_headers_beyond_the_limits_are_431(service: Workers, data: bytes) -> None:
    response = exchange(service, data)
    assert statuses(response) == [431]
    body = json.loads(response.partition(b"\r\n\r\n")[2])
    assert body["type"].endswith(":headers-too-large")
    assert b"connection: close" in response
    assert is_healthy(service)
    assert "connection refused: 431 headers-too-large" in service.log()
    metrics = exchange(service, b"GET /metrics HTTP/1.0\r\n\r\n").decode()
    name = "cognigy_context_service_refused_connections_total"
    assert f'{name}{{problem="headers-too-large"}} ' in metrics


def test_headers_within_the_limits_are_accepted(
    service: Workers, shared_sandbox: Sandbox
) -> None:
    shared_sandbox.seed("session-1")
    headers = HEALTH + b"".join(b"a%d: x\r\n" % number for number in range(97))
    response = exchange(service, headers + b"Connection: close\r\n\r\n")
    assert statuses(response) == [200]
    body = json.dumps(event()).encode() + b" " * 100_000
    head = (
        f"POST /webhook HTTP/1.1\r\nHost: x\r\nx-webhook-secret: {SECRET}\r\n"
        f"a: {'x' * 15_000}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    assert statuses(exchange(service, head.encode() + body)) == [200]
    # A chunked body, in one-byte chunks.
    small = json.dumps(event(timestamp=101, message="chunks")).encode()
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in small) + b"0\r\n\r\n"
    head = (
        f"POST /webhook HTTP/1.1\r\nHost: x\r\nx-webhook-secret: {SECRET}\r\n"
        "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    assert statuses(exchange(service, head.encode() + chunks)) == [200]
    stored = stored_document(shared_sandbox, "session-1")
    assert stored["last_user_message"] == "chunks"


@pytest.mark.parametrize(
    "rest",
    [
        b"0\r\n" + b"a: b\r\n" * 20_000,
        b"0\r\na: " + b"x" * 60_000,
        b"5;" + b"x" * 60_000,
    ],
)
def test_trailers_and_chunk_extensions_are_limited(
    service: Workers, rest: bytes
) -> None:
    head = (
        f"POST /webhook HTTP/1.1\r\nHost: x\r\nx-webhook-secret: {SECRET}\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )
    with connect(service) as connection:
        try:
            connection.sendall(head.encode() + rest)
        except OSError:
            pass
        # The connection ends, although the request is not complete.
        assert statuses(read_to_end(connection)) == []
    assert is_healthy(service)


def test_slow_headers_are_408_and_silent_connections_are_closed(start: Start) -> None:
    # Long enough that complete headers arrive in time, also on a busy machine.
    service = start(header_timeout=3)
    with ExitStack() as stack:
        partial, silent, breaks, second, trickle = (
            stack.enter_context(connect(service)) for _ in range(5)
        )
        partial.sendall(HEALTH)
        breaks.sendall(b"\r\n")
        # The second request of a connection.
        second.sendall(HEALTH + b"\r\n")
        first_response = read_response(second)
        second.sendall(b"GET /")
        assert send_slowly(trickle, HEALTH + b"a: ") in ([408], [])
        assert statuses(read_to_end(partial)) == [408]
        assert read_to_end(silent) == read_to_end(breaks) == b""
        assert statuses(first_response + read_to_end(second)) == [200, 408]
    assert service.log().count("connection refused: 408 headers-timeout") == 3
    assert is_healthy(service)


def send_slowly(connection: socket.socket, head: bytes) -> list[int]:
    """Sends headers and then single bytes of one value, which reach no limit of size or number, until the
    service ends the connection. Returns the statuses of the responses: none if the end discarded them."""
    end = time.monotonic() + HANG_SECONDS
    response = b""
    connection.settimeout(0.05)
    try:
        connection.sendall(head)
        while not response:
            assert time.monotonic() < end, "the connection does not end"
            connection.sendall(b"x")
            try:
                response = connection.recv(65_536)
            except TimeoutError:
                continue
            if not response:
                break
    except ConnectionError:
        pass
    return statuses(response)


def test_slow_body_is_400_and_its_connection_is_closed(start: Start) -> None:
    service = start(budget_seconds=0.6, header_timeout=3)
    with ExitStack() as stack:
        connections = []
        for path, secret, status in (
            ("/webhook", SECRET, 400),
            ("/context/sync", "wrong", 401),
            ("/nothing", "", 404),
        ):
            head = (
                f"POST {path} HTTP/1.1\r\nHost: x\r\nx-webhook-secret: {secret}\r\n"
                "Content-Length: 1000\r\n\r\n{"
            )
            connection = stack.enter_context(connect(service))
            connection.sendall(head.encode())
            connections.append((connection, status))
        for connection, status in connections:
            assert statuses(read_to_end(connection)) == [status]
    assert is_healthy(service)


def test_header_timeout_does_not_apply_to_the_body_of_the_next_request(
    start: Start,
) -> None:
    service = start(budget_seconds=300, header_timeout=3)
    head = (
        f"POST /webhook HTTP/1.1\r\nHost: x\r\nx-webhook-secret: {SECRET}\r\n"
        "Content-Length: 2\r\nConnection: close\r\n\r\n"
    )
    with connect(service) as connection:
        connection.sendall(HEALTH + b"\r\n" + head.encode())
        read_response(connection)
        # Its timeout starts after the response: when it has ended, one that started with the response has.
        exchange(service, b"")
        connection.sendall(b"{}")
        assert statuses(read_to_end(connection)) == [422]


def test_connections_beyond_the_limit_are_503(start: Start) -> None:
    service = start(max_connections=2)
    # The service accepts connections in their order.
    with connect(service) as first, connect(service):
        response = exchange(service, b"")
        assert statuses(response) == [503]
        assert b"too-many-connections" in response
        first.sendall(HEALTH + b"Connection: close\r\n\r\n")
        assert statuses(read_to_end(first)) == [200]


class ClosingTransport(asyncio.Transport):
    """A transport whose caller reads too little of the response."""

    def __init__(self) -> None:
        super().__init__()
        self.aborted = asyncio.Event()
        self._is_closing = False

    def is_closing(self) -> bool:
        return self._is_closing

    def close(self) -> None:
        self._is_closing = True

    def abort(self) -> None:
        self.aborted.set()


@pytest.mark.anyio
async def test_reading_a_part_of_the_last_response_does_not_keep_the_connection() -> (
    None
):
    settings = Settings(no_auth=True, header_timeout=0.05)
    protocol = LimitedHttpProtocol.with_settings(settings)(
        Config("starlette.applications:Starlette", factory=True), ServerState(), {}
    )
    transport = ClosingTransport()
    protocol.connection_made(transport)
    protocol.pause_writing()
    transport.close()
    protocol.resume_writing()
    await asyncio.wait_for(transport.aborted.wait(), HANG_SECONDS)
    protocol.connection_lost(None)


def test_requests_that_are_sent_ahead_are_answered_in_order_up_to_a_limit(
    service: Workers,
) -> None:
    few = HEALTH + b"\r\n" + b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"
    last = HEALTH + b"Connection: close\r\n\r\n"
    assert statuses(exchange(service, few * 2 + last)) == [200, 404, 200, 404, 200]
    # The connection ends after the first request and eight that were sent ahead.
    found = statuses(exchange(service, (HEALTH + b"\r\n") * 10_000))
    assert found == [200] * len(found)
    assert 1 <= len(found) <= 9
    assert is_healthy(service)


@pytest.mark.parametrize("error", [OSError, ValueError, PermissionError])
def test_service_starts_when_the_limit_of_open_files_cannot_be_raised(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    attempts = []

    def refuse(_: int, limits: tuple[int, int]) -> None:
        attempts.append(limits)
        raise error

    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, resource.RLIM_INFINITY))
    monkeypatch.setattr(resource, "setrlimit", refuse)
    _raise_file_limit(2_048)
    assert attempts == [(2_560, resource.RLIM_INFINITY)]


def test_data_that_is_not_http_is_400(service: Workers) -> None:
    assert statuses(exchange(service, b"\x16\x03\x01 hello\r\n\r\n")) == [400]
    assert is_healthy(service)


def test_service_holds_slow_connections_and_large_headers_in_bounded_memory(
    start: Start,
) -> None:
    count, total = 1_000, 300 * 1_048_576
    service = start()
    assert is_healthy(service)
    before = resident_bytes(service)
    partial = HEALTH + b"a: " + b"x" * 12_000
    with ExitStack() as stack:
        stack.enter_context(open_files(count + 500))
        for _ in range(count):
            stack.enter_context(connect(service)).sendall(partial)
        assert is_healthy(service)
        assert resident_bytes(service) - before <= 64 * 1_048_576
        piece = b"x" * 262_144
        sent = 0
        while sent < total:
            with connect(service) as connection:
                connection.sendall(HEALTH + b"a: ")
                try:
                    while sent < total:
                        connection.sendall(piece)
                        sent += len(piece)
                except OSError:
                    # The service has closed the connection.
                    sent += len(piece)
        assert is_healthy(service)
        growth = resident_bytes(service) - before
    assert growth <= 64 * 1_048_576, f"{growth:,} bytes"


def test_protocol_takes_its_limits_from_settings() -> None:
    settings = Settings(no_auth=True, max_header_count=7)
    protocol = LimitedHttpProtocol.with_settings(settings)
    assert issubclass(protocol, LimitedHttpProtocol)


def test_captured_sync_changes_nothing_when_it_is_sent_again(
    service: Workers, shared_sandbox: Sandbox
) -> None:
    shared_sandbox.seed("session-1")
    address = urlsplit(service.url)

    def send(value: str, webhook_id: str) -> tuple[int, object]:
        body = json.dumps({"session_id": "session-1", "data": {"v": value}}).encode()
        timestamp = str(int(time.time()))
        content = f"{webhook_id}.{timestamp}.".encode() + body
        signature = base64.b64encode(hmac.digest(KEY, content, hashlib.sha256))
        headers = {
            "webhook-id": webhook_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": "v1," + signature.decode(),
        }
        connection = http.client.HTTPConnection(address.hostname or "", address.port)
        connection.request("POST", "/context/sync", body, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())

    first = send("old", "id-1")
    assert send("new", "id-2")[0] == 200
    assert send("old", "id-1") == first
    assert stored_document(shared_sandbox, "session-1") == {"v": "new"}
    assert "/context/sync 200 duplicate session=" in service.log()
