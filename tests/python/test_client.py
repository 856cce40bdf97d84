"""The client against a sandbox, over real HTTP."""

import json
import pickle
import socket
import threading
import traceback
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import cognigy_context as cc
import pytest
from cognigy_context.testing import Sandbox
from pausing_proxy import PausingProxy

SECRET = "a-key-that-nobody-should-see"


def test_a_context_is_injected_and_comes_back(
    client: cc.Client, sandbox: Sandbox
) -> None:
    context = {"tier": "gold", "order": {"items": [1, 2.5, None, True], "ü": "😀"}}
    assert client.inject_context("session/1 ü", "user-1", context) == context
    held = sandbox.session("session/1 ü")
    assert (held["userId"], held["context"]) == ("user-1", context)
    (request,) = sandbox.requests()
    assert request["path"] == "/new/v2.0/sessions/session%2F1%20%C3%BC/context/inject"
    assert (request["method"], request["status"], request["auth"]) == (
        "POST",
        200,
        "api-key",
    )


def test_the_answer_is_the_whole_context(client: cc.Client) -> None:
    client.inject_context("s", "u", {"a": 1})
    assert client.inject_context("s", "u", {"b": 2}) == {"a": 1, "b": 2}


def test_numbers_of_an_answer_are_those_of_python(
    client: cc.Client, sandbox: Sandbox
) -> None:
    sandbox.seed("s", {"i": -5, "big": 2**53, "f": 0.5, "deep": [[[[{"x": []}]]]]})
    answer = client.inject_context("s", "u", {})
    assert answer == {"i": -5, "big": 2**53, "f": 0.5, "deep": [[[[{"x": []}]]]]}
    assert [type(answer[key]) for key in ("i", "big", "f")] == [int, int, float]


# --- refused before it is sent ---------------------------------------------------------------


def test_seventy_kilobytes_are_refused_and_not_sent(
    client: cc.Client, sandbox: Sandbox
) -> None:
    with pytest.raises(cc.ValidationError) as raised:
        client.inject_context("s", "u", {"history": "x" * 70_000})
    assert [(i.code, i.path, i.limit, i.actual) for i in raised.value.issues] == [
        ("would_be_replaced", "/history", 64_000, 140_014),
        ("payload_too_large", "", 60_000, 70_039),
        ("context_too_large", "", 64_000, 140_014),
    ]
    assert sandbox.requests() == []


def test_every_issue_is_told_at_once_the_ids_first(
    client: cc.Client, sandbox: Sandbox
) -> None:
    with pytest.raises(cc.ValidationError) as raised:
        client.inject_context("s\ud800", "", {"": 1, "n": float("nan")})
    assert [(i.code, i.path) for i in raised.value.issues] == [
        ("lone_surrogate", "/sessionId"),
        ("invalid_id", "/userId"),
        ("invalid_name", "/"),
        ("non_finite_number", "/n"),
    ]
    with pytest.raises(cc.ValidationError) as raised:
        client.inject_context("..", "u\udc00", {})
    assert [(i.code, i.path) for i in raised.value.issues] == [
        ("lone_surrogate", "/userId"),
        ("invalid_id", "/sessionId"),
    ]
    assert sandbox.requests() == []


def test_a_prefix_refuses_other_session_ids(sandbox: Sandbox) -> None:
    with cc.Client(
        sandbox.url, api_key="sandbox-key", session_id_prefix="sess_"
    ) as client:
        assert client.inject_context("sess_1", "u", {"a": 1}) == {"a": 1}
        with pytest.raises(cc.ValidationError) as raised:
            client.inject_context("s-1", "u", {"a": 1})
    assert [issue.code for issue in raised.value.issues] == ["invalid_id"]


def test_what_is_there_already_counts(client: cc.Client) -> None:
    history = {"history": "x" * 29_000}
    client.inject_context("seen", "u", history)
    note = {"note": "y" * 4_000}
    for session, existing in (("seen", None), ("other", history)):
        with pytest.raises(cc.ValidationError) as raised:
            client.inject_context(session, "u", note, existing)
        assert raised.value.issues[0].code == "would_be_replaced"
    assert client.inject_context("seen", "u", {"history": 1}, existing={}) == {
        "history": 1
    }


def test_an_existing_context_that_is_none_is_raised(client: cc.Client) -> None:
    with pytest.raises(cc.ValidationError, match="existing context"):
        client.inject_context("s", "u", {}, existing="[]")


def test_the_platform_replacing_a_value_all_the_same_is_raised(
    client: cc.Client, sandbox: Sandbox
) -> None:
    sandbox.seed("s", {"history": "x" * 31_000})
    with pytest.raises(cc.ValidationError) as raised:
        client.inject_context("s", "u", {"note": "y" * 1_000})
    assert [(i.code, i.path) for i in raised.value.issues] == [
        ("would_be_replaced", "/note")
    ]


def test_another_policy(sandbox: Sandbox) -> None:
    for policy in (cc.Policy(max_context_bytes=10), {"max_context_bytes": 10}):
        client = cc.Client(sandbox.url, api_key="sandbox-key", policy=policy)
        with client, pytest.raises(cc.ValidationError):
            client.inject_context("s", "u", {"a": "xxxxxxxxxx"})


@pytest.mark.parametrize("arguments", [(1, "u", {}), ("s", None, {}), ("s", b"u", {})])
def test_ids_are_text(client: cc.Client, arguments: Any) -> None:
    with pytest.raises(TypeError):
        client.inject_context(*arguments)


# --- failures --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "error", "retryable"),
    [
        (400, cc.BadRequestError, False),
        (401, cc.AuthenticationError, False),
        (403, cc.PermissionDeniedError, False),
        (404, cc.SessionNotFoundError, False),
        (409, cc.ConflictError, True),
        (413, cc.BadRequestError, False),
        (422, cc.BadRequestError, False),
        (429, cc.RateLimitError, True),
        (500, cc.ServerError, True),
        (503, cc.ServerError, True),
    ],
)
def test_a_status_is_an_error_of_its_own(
    client: cc.Client, sandbox: Sandbox, status: int, error: type, retryable: bool
) -> None:
    sandbox.fault(status=status)
    with pytest.raises(cc.CognigyError) as raised:
        client.inject_context("s-1", "u", {"secret": "value"})
    found = raised.value
    assert type(found) is error
    assert (found.status, found.retryable, found.operation) == (
        status,
        retryable,
        "inject_context",
    )
    assert found.session == cc.hash_session_id("s-1")
    assert found.attempts >= 1 and found.hint and found.trace_id
    assert found.hint in str(found) and str(status) in str(found)
    assert "s-1" not in str(found) and "value" not in str(found)
    again = pickle.loads(pickle.dumps(found))
    assert type(again) is error and vars(again) == vars(found)


def test_a_wrong_key_is_an_authentication_error(sandbox: Sandbox) -> None:
    client = cc.Client(sandbox.url, api_key=SECRET)
    with client, pytest.raises(cc.AuthenticationError) as raised:
        client.inject_context("s", "u", {})
    assert raised.value.status == 401
    assert SECRET not in "".join(traceback.format_exception(raised.value))


def test_the_servers_wish_to_wait_is_told(client: cc.Client, sandbox: Sandbox) -> None:
    sandbox.fault(status=429, retry_after=7.5)
    with pytest.raises(cc.RateLimitError) as raised:
        client.inject_context("s", "u", {})
    assert raised.value.retry_after == 7.5


def test_a_dropped_connection_is_a_network_error(
    client: cc.Client, sandbox: Sandbox
) -> None:
    sandbox.fault(drop=True)
    with pytest.raises(cc.NetworkError) as raised:
        client.inject_context("s", "u", {})
    assert isinstance(raised.value, ConnectionError)
    assert (raised.value.status, raised.value.retryable) == (None, True)


def test_nobody_there_is_a_network_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with (
            cc.Client(url, api_key="k", max_retries=0) as client,
            pytest.raises(cc.NetworkError),
        ):
            client.inject_context("s", "u", {})


def test_another_path_is_not_found(sandbox: Sandbox) -> None:
    client = cc.Client(sandbox.url + "/elsewhere", api_key="sandbox-key")
    with client, pytest.raises(cc.SessionNotFoundError) as raised:
        client.inject_context("s", "u", {})
    assert raised.value.status == 404


def test_a_redirect_is_no_answer(client: cc.Client, sandbox: Sandbox) -> None:
    sandbox.fault(status=302)
    with pytest.raises(cc.ProtocolError):
        client.inject_context("s", "u", {})


def test_the_next_call_after_a_failure_is_a_call_like_any_other(
    client: cc.Client, sandbox: Sandbox
) -> None:
    sandbox.fault(drop=True)
    with pytest.raises(cc.NetworkError):
        client.inject_context("s", "u", {"a": 1})
    sandbox.clear_faults()
    assert client.inject_context("s", "u", {"a": 1}) == {"a": 1}


# --- setting up ------------------------------------------------------------------------------


def test_settings_come_from_the_environment(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(cc.ConfigurationError, match="COGNIGY_BASE_URL"):
        cc.Client()
    monkeypatch.setenv("COGNIGY_TENANT_URL", sandbox.url)
    with pytest.raises(cc.ConfigurationError, match="COGNIGY_API_KEY"):
        cc.Client()
    monkeypatch.setenv("COGNIGY_API_KEY", "sandbox-key")
    with cc.Client() as client:
        assert client.inject_context("s", "u", {"a": 1}) == {"a": 1}
    monkeypatch.setenv("COGNIGY_BASE_URL", "https://other.example")
    assert "other.example" in repr(cc.Client())
    assert "given.example" in repr(cc.Client("https://given.example"))


@pytest.mark.parametrize(
    "arguments",
    [
        {"base_url": "", "api_key": "k"},
        {"base_url": "ftp://host", "api_key": "k"},
        {"base_url": "https://user:pw@host", "api_key": "k"},
        {"base_url": "https://host\ud800", "api_key": "k"},
        {"base_url": "https://host", "api_key": ""},
        {"base_url": "https://host", "api_key": SECRET + "\n"},
        {"base_url": "https://host", "api_key": SECRET + "\ud800"},
        {"base_url": "https://host", "api_key": "k", "policy": "plattform"},
    ],
    ids=range(8),
)
def test_a_client_that_cannot_work_is_refused_when_it_is_made(arguments: Any) -> None:
    with pytest.raises(cc.ConfigurationError) as raised:
        cc.Client(**arguments)
    assert SECRET not in "".join(traceback.format_exception(raised.value))
    assert SECRET not in repr(raised.value.args)


def test_secrets_are_not_shown() -> None:
    client = cc.Client(
        "https://host/new", api_key=SECRET, policy=cc.Policy(max_depth=3)
    )
    shown = f"{client!r} {client} {vars(type(client))} {dir(client)}"
    assert SECRET not in shown
    assert (
        repr(client) == "Client('https://host', policy=Policy('platform', max_depth=3))"
    )
    with pytest.raises(TypeError) as raised:
        pickle.dumps(client)
    assert SECRET not in str(raised.value)
    with pytest.raises(TypeError) as raised:
        cc.Client("https://host", SECRET)  # type: ignore[misc]
    assert SECRET not in str(raised.value)


def test_a_closed_client_says_so(sandbox: Sandbox) -> None:
    client = cc.Client(sandbox.url, api_key="sandbox-key")
    with client as entered:
        assert entered is client
        client.inject_context("s", "u", {})
    client.close()
    with pytest.raises(cc.ConfigurationError, match="closed"):
        client.inject_context("s", "u", {})
    with pytest.raises(cc.ConfigurationError, match="closed"):
        client.with_deadline(5).get_injected("s")


def test_what_a_closed_client_has_kept_can_be_read(sandbox: Sandbox) -> None:
    client = cc.Client(sandbox.url, api_key="sandbox-key")
    client.inject_context("s", "u", {})
    told = (client.metrics(), client.state_metrics(), client.audit_trail())
    assert told[0]["total_injections"] == len(told[2]) == 1
    client.close()
    client.close()
    assert (client.metrics(), client.state_metrics(), client.audit_trail()) == told
    assert client.audit_trail(0) == []


def test_counts_that_can_be_none_are_refused_by_name(sandbox: Sandbox) -> None:
    client = cc.Client(sandbox.url, api_key="sandbox-key")
    uses: dict[str, Any] = {
        "count": client.audit_trail,
        "concurrency": lambda given: client.inject_many([], concurrency=given),
        "max_retries": lambda given: cc.Client(
            sandbox.url, api_key="k", max_retries=given
        ),
        "max_entries": lambda given: Sandbox(max_entries=given),
        "port": lambda given: Sandbox(port=given),
        "token_lifetime": lambda given: Sandbox(token_lifetime=given),
    }
    for name, use in uses.items():
        for figure in (-1, 10**400):
            with pytest.raises(cc.ConfigurationError, match=f"^{name} "):
                use(figure)
        with pytest.raises(TypeError, match=f"^{name} "):
            use("7")
    assert len(client.audit_trail(2**40)) == 0


# --- many at once ----------------------------------------------------------------------------


def test_thirty_two_threads_share_a_client(client: cc.Client, sandbox: Sandbox) -> None:
    failed: list[Any] = []

    def work(number: int) -> None:
        try:
            for round_ in range(10):
                answer = client.inject_context(
                    f"s-{number}", "u", {f"k{round_}": number}
                )
                assert answer[f"k{round_}"] == number
        except (cc.CognigyError, AssertionError) as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    for number in range(32):
        assert sandbox.session(f"s-{number}")["context"] == {
            f"k{r}": number for r in range(10)
        }


def test_others_run_while_a_call_waits(sandbox: Sandbox) -> None:
    with (
        PausingProxy(sandbox.url, "/context/inject") as proxy,
        cc.Client(proxy.url, api_key=sandbox.api_key, max_retries=0) as client,
    ):
        caller = threading.Thread(target=client.inject_context, args=("s", "u", {}))
        caller.start()
        # Were the interpreter not free, this thread would wait for the answer that it holds back.
        proxy.wait_until_paused()
        assert caller.is_alive()
        proxy.resume()
        caller.join()


# --- the request alone -----------------------------------------------------------------------


def test_a_request_for_a_transport_of_ones_own(sandbox: Sandbox) -> None:
    request = cc.inject_context_request(
        sandbox.url + "/new/", "s 1", "u", {"a": "ü"}, api_key=sandbox.api_key
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(
        urllib.request.Request(
            request["url"],
            method=request["method"],
            headers=request["headers"],
            data=request["body"].encode(),
        )
    ) as answer:
        assert answer.status == 200
    assert sandbox.session("s 1")["context"] == {"a": "ü"}


@pytest.mark.parametrize("key", ["", "a\nb", "ü", "\ud800"], ids=repr)
def test_a_key_that_no_header_can_carry_is_refused(key: str) -> None:
    with pytest.raises(cc.ConfigurationError):
        cc.inject_context_request("https://host", "s", "u", {}, api_key=key)


def test_a_request_without_a_key_has_no_header_for_it() -> None:
    request = cc.inject_context_request("https://host", "s", "u", {})
    assert sorted(request["headers"]) == ["accept", "content-type"]


# --- answers that a sandbox does not give ----------------------------------------------------


@contextmanager
def answering(status: int, body: bytes) -> Iterator[cc.Client]:
    """A client of a server that answers this to whatever is asked."""

    class Answer(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            with suppress(ConnectionError):
                self.wfile.write(body)

        do_GET = do_PUT

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        # It looks this often whether it is to shut down.
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        with cc.Client(address, bearer_token="token", max_retries=0) as client:
            yield client
        server.shutdown()


def test_integers_of_an_answer_have_no_end() -> None:
    told = {"sessionId": "s", "variables": {"n": 2**64 + 1, "of": [-(2**70) - 1, 0.5]}}
    with answering(200, json.dumps(told).encode()) as client:
        result = client.inject(cc.InjectionPayload("s", [])).result
    assert result == told
    assert repr(result) == repr(told)


def test_a_document_is_not_merged_with_integers_that_it_would_round() -> None:
    beyond = {"a": {"n": 2**64 + 1}}
    with answering(200, json.dumps(beyond).encode()) as client:
        for given in (beyond, {"b": 1}):
            with pytest.raises(cc.ValidationError) as raised:
                client.sync_context("s", given)
            found = [(issue.code, issue.path) for issue in raised.value.report.issues]
            assert found == [("unsafe_integer", "/a/n")]


@pytest.mark.parametrize("status", [200, 503])
def test_an_answer_that_is_too_large_has_its_status(status: int) -> None:
    with answering(status, b" " * (17 << 20)) as client:
        with pytest.raises(cc.ProtocolError, match="larger") as raised:
            client.inject(cc.InjectionPayload("s", []))
        (record,) = client.audit_trail()
    assert raised.value.status == status
    assert record["details"]["http_status"] == status
