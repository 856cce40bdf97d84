"""The bounds of a client against servers that err or attack, and the end of its webhooks."""

import gzip
import json
import logging
import re
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import cognigy_context as cc
import pytest

KEY = "sk-0123456789abcdef"

Reply = tuple[int, dict[str, str], bytes]


class RawServer:
    """A server whose replies a function makes from the method and the path."""

    def __init__(self, reply: Callable[[str, str], Reply]) -> None:
        self.headers: list[tuple[str, dict[str, str]]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def reply(self) -> None:
                self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                server.headers.append((self.command, headers))
                status, headers, body = reply(self.command, self.path)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_PATCH = reply

            def log_message(self, *_: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"

    def conditions(self) -> list[str | None]:
        """Returns the ``If-Match`` of each write."""
        writes = [headers for method, headers in self.headers if method != "GET"]
        return [headers.get("if-match") for headers in writes]


@contextmanager
def serve(reply: Callable[[str, str], Reply]) -> Iterator[RawServer]:
    server = RawServer(reply)
    thread = threading.Thread(target=server.http.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        server.http.server_close()


def client_of(server: RawServer, **settings: Any) -> cc.Client:
    options = {"api_key": KEY, "rate": None, "max_retries": 0, **settings}
    return cc.Client(server.url, **options)


def ok(value: Any, **headers: str) -> Reply:
    return 200, headers, json.dumps(value).encode()


# --- sizes ---------------------------------------------------------------------------------------


def test_endless_pages_end_at_a_limit() -> None:
    count = iter(range(10**9))
    variable = {"name": "a", "value": "x" * (8 << 20), "scope": "user"}

    def page(*_: str) -> Reply:
        pagination = {"nextCursor": f"c{next(count)}"}
        return ok({"variables": [variable], "pagination": pagination})

    message = "larger than 67,108,864 bytes together"
    with (
        serve(page) as server,
        pytest.raises(cc.ProtocolError, match=message) as raised,
    ):
        client_of(server).get_variables("s")
    assert not raised.value.retryable


def test_the_limit_of_a_body_counts_the_bytes_after_decompression() -> None:
    body = gzip.compress(b" " * (32 << 20))
    message = "larger than 16,777,216 bytes"
    with (
        serve(lambda *_: (200, {"content-encoding": "gzip"}, body)) as server,
        pytest.raises(cc.ProtocolError, match=message),
    ):
        client_of(server).get_state("d")


# --- entity tags ---------------------------------------------------------------------------------


def test_a_tag_with_bytes_beyond_ascii_is_sent_back_unchanged() -> None:
    with serve(lambda *_: ok({}, etag='"v\xe9\xff"')) as server:
        client = client_of(server)
        client.sync_context("s", {"a": 1})
        tag = client.get_state("d").tag
        assert tag == '"v\xe9\xff"'
        assert client.update_state("d", {"session": {"a": 1}}, tag).guarded
    assert server.conditions() == [tag, tag]


@pytest.mark.parametrize("tag", ['W/"1"', "*", "1", '"1", "2"', '"a b"'])
def test_another_tag_counts_as_none_and_the_write_is_reported(
    tag: str, caplog: pytest.LogCaptureFixture
) -> None:
    with serve(lambda *_: ok({}, etag=tag)) as server:
        client = client_of(server)
        with caplog.at_level(logging.WARNING, "cognigy_context"):
            client.sync_context("s", {"a": 1})
        assert client.get_state("d").tag is None
    assert server.conditions() == [None]
    (record,) = caplog.records
    assert record.getMessage().startswith("the write is unguarded")
    assert tag not in record.getMessage() or tag in ("*", "1")


@pytest.mark.parametrize(
    "tag", ["", 'W/"1"', "*", "1", '"1", "2"', '"a\r\nb"', '"\u0100"']
)
@pytest.mark.parametrize("method", ["update_state", "update_state_parts"])
def test_if_match_must_be_a_strong_tag(method: str, tag: str) -> None:
    with serve(lambda *_: ok({})) as server:
        call = getattr(client_of(server), method)
        with pytest.raises(cc.ValidationError) as raised:
            call("d", {"session": {"a": 1}}, tag)
    (issue,) = raised.value.issues
    assert (issue.code, issue.path) == ("invalid_id", "/ifMatch")
    assert server.headers == []


def test_a_part_without_a_condition_is_reported(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tags = iter(['"2"', 'W/"3"', '"4"'])
    update = {"session": {name: "x" * 300_000 for name in "abc"}}
    with (
        serve(lambda *_: ok({}, etag=next(tags))) as server,
        caplog.at_level(logging.WARNING, "cognigy_context"),
    ):
        results = client_of(server).update_state_parts("d", update, '"1"')
    assert [result.guarded for result in results] == [True, True, False]
    assert server.conditions() == ['"1"', '"2"', None]
    (record,) = caplog.records
    assert record.getMessage().startswith("the next part of the update is unguarded")


# --- texts of the server -------------------------------------------------------------------------


def test_an_error_contains_no_part_of_a_credential_that_the_server_repeats(
    caplog: pytest.LogCaptureFixture,
) -> None:
    problem = json.dumps({"code": f"E.{KEY}", "traceId": KEY.upper()}).encode()
    with serve(lambda *_: (400, {}, problem)) as server:
        client = client_of(server)
        with (
            caplog.at_level(logging.DEBUG),
            pytest.raises(cc.BadRequestError) as raised,
        ):
            client.get_state("d")
    assert (raised.value.code, raised.value.trace_id) == (None, None)
    assert "sk-0" not in f"{raised.value} {caplog.text} {client.audit_trail()}".lower()


# --- requests that cannot be built ---------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://[::1",
        "http://127.0.0.1:99999",
        "http://a b",
        "http://u:p@a",
        "http://",
        "a",
        "http://a\n",
    ],
)
def test_a_url_without_a_request_is_rejected_at_construction(url: str) -> None:
    base = "https://api.example"
    for client in (cc.Client, cc.AsyncClient):
        for arguments in (
            {"crm_webhook": url},
            {"snapshot_webhook": url},
            {"token_urls": {"platform": url}},
        ):
            with pytest.raises(cc.ConfigurationError):
                client(base, api_key=KEY, **arguments)
    if url != url.strip():
        return  # A base URL is trimmed.
    for build in (
        lambda: cc.Client(url, api_key=KEY),
        lambda: cc.AsyncClient(url, api_key=KEY),
        lambda: cc.variables_url(url, "s"),
        lambda: cc.inject_context_request(url, "s", "u", {}),
    ):
        with pytest.raises(cc.ConfigurationError):
            build()


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize(
    ("proxy", "is_valid"),
    [
        ("http://[::1", False),
        ("http://127.0.0.1:99999", False),
        ("http://a b", False),
        ("proxy.example:3128", True),
        ("socks5://proxy.example", False),
        ("ftp://proxy.example:21", False),
        ("http://proxy.example:3128 ", False),
        ("http://pr\xf6xy.example:3128", False),
        ("", True),
    ],
)
def test_an_invalid_proxy_is_rejected_at_construction(
    variable: str, proxy: str, is_valid: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, proxy)
    if is_valid:
        cc.Client("https://api.example", api_key=KEY)
        return
    with pytest.raises(cc.ConfigurationError, match=variable) as raised:
        cc.Client("https://api.example", api_key=KEY)
    assert proxy not in str(raised.value)


def test_a_url_that_only_the_http_library_rejects_is_not_retried() -> None:
    # No name has this Punycode; the check of URLs does not decode it.
    client = cc.Client("http://xn--a.example", api_key=KEY, max_retries=3)
    with pytest.raises(cc.ConfigurationError) as raised:
        client.get_state("d")
    assert not raised.value.retryable
    assert "xn--a" not in str(raised.value)
    (record,) = client.audit_trail()
    assert (record["status"], record["details"]["attempts"]) == ("failure", 1)


@pytest.mark.parametrize("secret", ["a\nb", "a b", "\xe9", "k" * 16_385])
def test_a_credential_that_no_header_can_contain_is_rejected(secret: str) -> None:
    base = "https://api.example"
    for arguments in (
        {"api_key": secret},
        {"bearer_token": secret},
        {"api_key": KEY, "tenant_id": secret},
    ):
        with pytest.raises(cc.ConfigurationError) as raised:
            cc.Client(base, **arguments)
        assert secret not in str(raised.value)
    with serve(lambda *_: ok({})) as server:
        client = cc.Client(server.url, get_token=lambda _: secret)
        with pytest.raises(cc.AuthenticationError) as failed:
            client.get_state("d")
    assert secret not in f"{failed.value} {failed.value.__cause__}"
    assert server.headers == []


# --- webhooks ------------------------------------------------------------------------------------


@contextmanager
def silent_webhook() -> Iterator[RawServer]:
    """Starts a server whose webhook replies only at the end of the test."""
    is_over = threading.Event()

    def reply(method: str, _: str) -> Reply:
        if method == "POST":
            is_over.wait()
        return ok({"variables": {}})

    with serve(reply) as server:
        yield server
        is_over.set()


def dropped_of_four(messages: list[str], reason: str) -> int:
    """Checks the warnings of a client with four deliveries to a silent webhook, and returns how many it dropped.

    On a slow computer some deliveries time out before, which are not dropped. One that times out at the moment of
    the drop counts twice.
    """
    timed_out = [
        text for text in messages if text.startswith("webhook delivery failed")
    ]
    drops = [text for text in messages if text not in timed_out]
    assert len(drops) == 1, messages
    assert drops[0].startswith(f"webhook deliveries dropped: {reason}"), messages
    dropped = int(re.findall(r"dropped=(\d+)", drops[0])[0])
    assert 1 <= dropped <= 4 <= dropped + len(timed_out) <= 5, messages
    return dropped


def test_close_counts_and_logs_the_webhook_deliveries_that_it_drops(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with silent_webhook() as server:
        client = client_of(server, crm_webhook=f"{server.url}/hook")
        for number in range(4):
            client.inject(
                cc.InjectionPayload(f"s-{number}", [{"key": "a", "value": 1}])
            )
        with caplog.at_level(logging.WARNING, "cognigy_context"):
            client.close()
    messages = [record.getMessage() for record in caplog.records]
    dropped = dropped_of_four(messages, "the client was closed")
    assert client.metrics()["dropped_notices"] == dropped


def test_the_exit_of_a_process_logs_the_webhook_deliveries_that_it_drops() -> None:
    program = """
        import logging, sys
        import cognigy_context as cc
        logging.basicConfig(format="%(levelname)s %(message)s")
        url = sys.argv[1]
        client = cc.Client(url, api_key="k", rate=None, crm_webhook=f"{url}/hook")
        for number in range(4):
            client.inject(cc.InjectionPayload(f"s-{number}", [{"key": "a", "value": 1}]))
    """
    with silent_webhook() as server:
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(program), server.url],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    lines = done.stderr.splitlines()
    prefix = "WARNING "
    assert all(line.startswith(prefix) for line in lines), lines
    messages = [line.removeprefix(prefix) for line in lines]
    dropped_of_four(messages, "the process ended")
