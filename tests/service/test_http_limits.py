"""The limits of connections: size, number and time of headers, unread responses, pipelined requests.

The tests speak to the service in its own process, as its callers do, over plain sockets.
"""

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
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cognigy_context.service import Settings
from cognigy_context.service.http_limits import LimitedHttpProtocol
from cognigy_context.testing import Sandbox
from conftest import SECRET, event, stored_document
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
        connection.sendall(data)
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
    service = start(header_timeout=0.2)
    assert statuses(exchange(service, HEALTH)) == [408]
    assert exchange(service, b"") == b""
    assert exchange(service, b"\r\n") == b""
    # Also the second request of a connection.
    with connect(service) as connection:
        connection.sendall(HEALTH + b"\r\n")
        first = read_response(connection)
        connection.sendall(b"GET /")
        assert statuses(first + read_to_end(connection)) == [200, 408]
    # Sending slowly does not extend the time.
    with connect(service) as connection:
        connection.settimeout(0.01)
        connection.sendall(HEALTH)
        end = time.monotonic() + HANG_SECONDS
        response = b""
        while not response:
            assert time.monotonic() < end
            try:
                connection.sendall(b"a: b\r\n")
                response = connection.recv(65_536)
            except TimeoutError:
                pass
            except ConnectionError:
                break
        assert statuses(response) in ([408], [431], [])
    assert is_healthy(service)


def test_slow_body_is_400_and_its_connection_is_closed(start: Start) -> None:
    service = start(budget_seconds=0.6, header_timeout=0.2)
    for path, secret, status in (
        ("/webhook", SECRET, 400),
        ("/context/sync", "wrong", 401),
        ("/nothing", "", 404),
    ):
        head = (
            f"POST {path} HTTP/1.1\r\nHost: x\r\nx-webhook-secret: {secret}\r\n"
            "Content-Length: 1000\r\n\r\n{"
        )
        assert statuses(exchange(service, head.encode())) == [status]
    assert is_healthy(service)


def test_connections_beyond_the_limit_are_503(start: Start) -> None:
    service = start(max_connections=2)
    with connect(service) as first, connect(service) as second:
        # Their responses show that the service has accepted both.
        for connection in (first, second):
            connection.sendall(HEALTH + b"\r\n")
            assert statuses(read_response(connection)) == [200]
        response = exchange(service, b"")
        assert statuses(response) == [503]
        assert b"too-many-connections" in response
        first.sendall(HEALTH + b"\r\n")
        assert statuses(read_response(first)) == [200]


def test_requests_that_are_sent_ahead_are_answered_in_order_up_to_a_limit(
    service: Workers,
) -> None:
    few = HEALTH + b"\r\n" + b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"
    last = HEALTH + b"Connection: close\r\n\r\n"
    assert statuses(exchange(service, few * 2 + last)) == [200, 404, 200, 404, 200]
    # The connection ends after a few of 10,000 requests.
    found = statuses(exchange(service, (HEALTH + b"\r\n") * 10_000))
    assert found == [200] * len(found)
    assert 1 <= len(found) <= 10
    assert is_healthy(service)


def test_data_that_is_not_http_is_400(service: Workers) -> None:
    assert statuses(exchange(service, b"\x16\x03\x01 hello\r\n\r\n")) == [400]
    assert is_healthy(service)


def test_service_holds_slow_connections_and_large_headers_in_bounded_memory(
    start: Start,
) -> None:
    count, total = 1_000, 300 * 1_048_576
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    service = start()
    assert is_healthy(service)
    before = resident_bytes(service)
    partial = HEALTH + b"a: " + b"x" * 12_000
    with ExitStack() as stack:
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
