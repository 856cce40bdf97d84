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

SECRET = "a-secret-key"


def test_inject_context_sends_the_context_and_returns_the_stored_one(
    client: cc.Client, sandbox: Sandbox
) -> None:
    context = {"tier": "gold", "order": {"items": [1, 2.5, None, True], "ü": "😀"}}
    assert client.inject_context("session/1 ü", "user-1", context) == context
    stored = sandbox.session("session/1 ü")
    assert (stored["userId"], stored["context"]) == ("user-1", context)
    (request,) = sandbox.requests()
    assert request["path"] == "/new/v2.0/sessions/session%2F1%20%C3%BC/context/inject"
    assert (request["method"], request["status"], request["auth"]) == (
        "POST",
        200,
        "api-key",
    )


def test_inject_context_returns_the_merged_context(client: cc.Client) -> None:
    client.inject_context("s", "u", {"a": 1})
    assert client.inject_context("s", "u", {"b": 2}) == {"a": 1, "b": 2}


def test_numbers_in_a_response_become_int_or_float(
    client: cc.Client, sandbox: Sandbox
) -> None:
    sandbox.seed("s", {"i": -5, "big": 2**53, "f": 0.5, "deep": [[[[{"x": []}]]]]})
    context = client.inject_context("s", "u", {})
    assert context == {"i": -5, "big": 2**53, "f": 0.5, "deep": [[[[{"x": []}]]]]}
    assert [type(context[key]) for key in ("i", "big", "f")] == [int, int, float]


# --- rejected before sending -----------------------------------------------------------------


def test_a_context_of_70_kb_is_rejected_and_no_request_is_sent(
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


def test_a_validation_error_lists_issues_of_ids_before_those_of_values(
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


def test_a_session_id_without_the_prefix_is_rejected(sandbox: Sandbox) -> None:
    with cc.Client(
        sandbox.url, api_key="sandbox-key", session_id_prefix="sess_"
    ) as client:
        assert client.inject_context("sess_1", "u", {"a": 1}) == {"a": 1}
        with pytest.raises(cc.ValidationError) as raised:
            client.inject_context("s-1", "u", {"a": 1})
    assert [issue.code for issue in raised.value.issues] == ["invalid_id"]


def test_the_existing_context_is_counted_passed_or_from_the_last_response(
    client: cc.Client,
) -> None:
    history = {"history": "x" * 29_000}
    client.inject_context("known", "u", history)
    note = {"note": "y" * 4_000}
    for session, existing in (("known", None), ("other", history)):
        with pytest.raises(cc.ValidationError) as raised:
            client.inject_context(session, "u", note, existing)
        assert raised.value.issues[0].code == "would_be_replaced"
    assert client.inject_context("known", "u", {"history": 1}, existing={}) == {
        "history": 1
    }


def test_an_existing_context_that_is_not_an_object_is_rejected(
    client: cc.Client,
) -> None:
    with pytest.raises(cc.ValidationError, match="existing context"):
        client.inject_context("s", "u", {}, existing="[]")


def test_a_replaced_value_in_the_response_is_a_validation_error(
    client: cc.Client, sandbox: Sandbox
) -> None:
    sandbox.seed("s", {"history": "x" * 31_000})
    with pytest.raises(cc.ValidationError) as raised:
        client.inject_context("s", "u", {"note": "y" * 1_000})
    assert [(i.code, i.path) for i in raised.value.issues] == [
        ("would_be_replaced", "/note")
    ]


def test_a_client_checks_against_its_policy_argument(sandbox: Sandbox) -> None:
    for policy in (cc.Policy(max_context_bytes=10), {"max_context_bytes": 10}):
        client = cc.Client(sandbox.url, api_key="sandbox-key", policy=policy)
        with client, pytest.raises(cc.ValidationError):
            client.inject_context("s", "u", {"a": "xxxxxxxxxx"})


@pytest.mark.parametrize("arguments", [(1, "u", {}), ("s", None, {}), ("s", b"u", {})])
def test_an_id_that_is_not_a_str_is_a_type_error(
    client: cc.Client, arguments: Any
) -> None:
    with pytest.raises(TypeError):
        client.inject_context(*arguments)


# --- errors ----------------------------------------------------------------------------------


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
def test_each_status_raises_its_error_class_without_ids_and_values(
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
    copied = pickle.loads(pickle.dumps(found))
    assert type(copied) is error and vars(copied) == vars(found)


def test_a_wrong_key_is_an_authentication_error(sandbox: Sandbox) -> None:
    client = cc.Client(sandbox.url, api_key=SECRET)
    with client, pytest.raises(cc.AuthenticationError) as raised:
        client.inject_context("s", "u", {})
    assert raised.value.status == 401
    assert SECRET not in "".join(traceback.format_exception(raised.value))


def test_a_rate_limit_error_has_the_seconds_of_retry_after(
    client: cc.Client, sandbox: Sandbox
) -> None:
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


def test_a_port_without_a_listener_is_a_network_error() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        with (
            cc.Client(url, api_key="k", max_retries=0) as client,
            pytest.raises(cc.NetworkError),
        ):
            client.inject_context("s", "u", {})


def test_an_unknown_path_is_a_session_not_found_error(sandbox: Sandbox) -> None:
    client = cc.Client(sandbox.url + "/elsewhere", api_key="sandbox-key")
    with client, pytest.raises(cc.SessionNotFoundError) as raised:
        client.inject_context("s", "u", {})
    assert raised.value.status == 404


def test_a_redirect_is_a_protocol_error(client: cc.Client, sandbox: Sandbox) -> None:
    sandbox.fault(status=302)
    with pytest.raises(cc.ProtocolError):
        client.inject_context("s", "u", {})


def test_the_next_call_after_a_network_error_succeeds(
    client: cc.Client, sandbox: Sandbox
) -> None:
    sandbox.fault(drop=True)
    with pytest.raises(cc.NetworkError):
        client.inject_context("s", "u", {"a": 1})
    sandbox.clear_faults()
    assert client.inject_context("s", "u", {"a": 1}) == {"a": 1}


# --- configuration ---------------------------------------------------------------------------


def test_missing_settings_are_read_from_the_environment(
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
def test_an_invalid_setting_is_a_configuration_error_without_the_secret(
    arguments: Any,
) -> None:
    with pytest.raises(cc.ConfigurationError) as raised:
        cc.Client(**arguments)
    assert SECRET not in "".join(traceback.format_exception(raised.value))
    assert SECRET not in repr(raised.value.args)


def test_repr_and_errors_of_a_client_contain_no_secret() -> None:
    client = cc.Client(
        "https://host/new", api_key=SECRET, policy=cc.Policy(max_depth=3)
    )
    output = f"{client!r} {client} {vars(type(client))} {dir(client)}"
    assert SECRET not in output
    assert (
        repr(client) == "Client('https://host', policy=Policy('platform', max_depth=3))"
    )
    with pytest.raises(TypeError) as raised:
        pickle.dumps(client)
    assert SECRET not in str(raised.value)
    with pytest.raises(TypeError) as raised:
        cc.Client("https://host", SECRET)  # type: ignore[misc]
    assert SECRET not in str(raised.value)


def test_a_call_on_a_closed_client_is_a_configuration_error(sandbox: Sandbox) -> None:
    client = cc.Client(sandbox.url, api_key="sandbox-key")
    with client as entered:
        assert entered is client
        client.inject_context("s", "u", {})
    client.close()
    with pytest.raises(cc.ConfigurationError, match="closed"):
        client.inject_context("s", "u", {})
    with pytest.raises(cc.ConfigurationError, match="closed"):
        client.with_deadline(5).get_injected("s")


def test_metrics_and_audit_trail_of_a_closed_client_can_be_read(
    sandbox: Sandbox,
) -> None:
    client = cc.Client(sandbox.url, api_key="sandbox-key")
    client.inject_context("s", "u", {})
    before = (client.metrics(), client.state_metrics(), client.audit_trail())
    assert before[0]["total_injections"] == len(before[2]) == 1
    client.close()
    client.close()
    assert (client.metrics(), client.state_metrics(), client.audit_trail()) == before
    assert client.audit_trail(0) == []


def test_an_invalid_count_is_rejected_with_the_argument_name(sandbox: Sandbox) -> None:
    client = cc.Client(sandbox.url, api_key="sandbox-key")
    uses: dict[str, Any] = {
        "count": client.audit_trail,
        "concurrency": lambda count: client.inject_many([], concurrency=count),
        "max_retries": lambda count: cc.Client(
            sandbox.url, api_key="k", max_retries=count
        ),
        "max_entries": lambda count: Sandbox(max_entries=count),
        "port": lambda count: Sandbox(port=count),
        "token_lifetime": lambda count: Sandbox(token_lifetime=count),
    }
    for name, use in uses.items():
        for count in (-1, 10**400):
            with pytest.raises(cc.ConfigurationError, match=f"^{name} "):
                use(count)
        with pytest.raises(TypeError, match=f"^{name} "):
            use("7")
    assert len(client.audit_trail(2**40)) == 0


# --- concurrency -----------------------------------------------------------------------------


def test_32_threads_can_share_a_client(client: cc.Client, sandbox: Sandbox) -> None:
    failed: list[Any] = []

    def work(number: int) -> None:
        try:
            for round_ in range(10):
                context = client.inject_context(
                    f"s-{number}", "u", {f"k{round_}": number}
                )
                assert context[f"k{round_}"] == number
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


def test_other_threads_run_while_a_call_waits(sandbox: Sandbox) -> None:
    with (
        PausingProxy(sandbox.url, "/context/inject") as proxy,
        cc.Client(proxy.url, api_key=sandbox.api_key, max_retries=0) as client,
    ):
        caller = threading.Thread(target=client.inject_context, args=("s", "u", {}))
        caller.start()
        # If the call kept the GIL, this line would wait for a response that only this thread resumes.
        proxy.wait_until_paused()
        assert caller.is_alive()
        proxy.resume()
        caller.join()


# --- request builders ------------------------------------------------------------------------


def test_a_built_request_can_be_sent_with_another_http_client(sandbox: Sandbox) -> None:
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
    ) as response:
        assert response.status == 200
    assert sandbox.session("s 1")["context"] == {"a": "ü"}


@pytest.mark.parametrize("key", ["", "a\nb", "ü", "\ud800"], ids=repr)
def test_a_key_that_is_not_a_valid_header_value_is_a_configuration_error(
    key: str,
) -> None:
    with pytest.raises(cc.ConfigurationError):
        cc.inject_context_request("https://host", "s", "u", {}, api_key=key)


def test_a_request_without_a_key_has_no_key_header() -> None:
    request = cc.inject_context_request("https://host", "s", "u", {})
    assert sorted(request["headers"]) == ["accept", "content-type"]


# --- responses that the sandbox does not send ------------------------------------------------


@contextmanager
def client_of_response(status: int, body: bytes) -> Iterator[cc.Client]:
    """Returns a client of a server that sends this response to every request."""

    class Handler(BaseHTTPRequestHandler):
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

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        # The number is the interval in seconds between checks for a shutdown.
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        with cc.Client(address, bearer_token="token", max_retries=0) as client:
            yield client
        server.shutdown()


def test_integers_of_any_size_in_a_response_are_exact() -> None:
    response = {
        "sessionId": "s",
        "variables": {"n": 2**64 + 1, "of": [-(2**70) - 1, 0.5]},
    }
    with client_of_response(200, json.dumps(response).encode()) as client:
        result = client.inject(cc.InjectionPayload("s", [])).result
    assert result == response
    assert repr(result) == repr(response)


def test_sync_context_rejects_integers_that_it_would_round() -> None:
    beyond = {"a": {"n": 2**64 + 1}}
    with client_of_response(200, json.dumps(beyond).encode()) as client:
        for data in (beyond, {"b": 1}):
            with pytest.raises(cc.ValidationError) as raised:
                client.sync_context("s", data)
            found = [(issue.code, issue.path) for issue in raised.value.report.issues]
            assert found == [("unsafe_integer", "/a/n")]


@pytest.mark.parametrize("status", [200, 503])
def test_a_response_above_the_size_limit_is_a_protocol_error_with_its_status(
    status: int,
) -> None:
    # The limit is 16 MiB.
    with client_of_response(status, b" " * (17 << 20)) as client:
        with pytest.raises(cc.ProtocolError, match="larger") as raised:
            client.inject(cc.InjectionPayload("s", []))
        (record,) = client.audit_trail()
    assert raised.value.status == status
    assert record["details"]["http_status"] == status
