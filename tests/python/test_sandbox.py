"""``testing.Sandbox``: lifecycle, arguments, sessions and faults."""

from urllib.error import URLError
from urllib.request import ProxyHandler, Request, build_opener

import cognigy_context as cc
import pytest
from cognigy_context.testing import Sandbox


def test_seeded_session_can_be_read(sandbox: Sandbox) -> None:
    sandbox.seed("a/b ü", {"k": "v"}, user_id="u", state="open")
    assert sandbox.session("a/b ü") == {
        "sessionId": "a/b ü",
        "userId": "u",
        "context": {"k": "v"},
        "state": "open",
        "seeded": True,
        "platformBytes": 4,
    }
    assert sandbox.seed("empty")["context"] == {}
    with pytest.raises(KeyError, match="unknown"):
        sandbox.session("unknown")


def test_fault_applies_to_matching_requests_after_skip_up_to_times(
    client: cc.Client, sandbox: Sandbox
) -> None:
    # No client retries this status.
    sandbox.fault(status=403, times=1, skip=1, path_prefix="/new/v2.0/sessions/s/")
    client.inject_context("s", "u", {})
    client.inject_context("other", "u", {})
    with pytest.raises(cc.PermissionDeniedError):
        client.inject_context("s", "u", {})
    client.inject_context("s", "u", {})
    assert [request["status"] for request in sandbox.requests()] == [200, 200, 403, 200]


def test_fault_with_after_executes_the_request_and_drops_the_response(
    sandbox: Sandbox,
) -> None:
    sandbox.fault(drop=True, after=True, times=1)
    # Without a client, which would retry.
    prepared = cc.inject_context_request(
        sandbox.url, "s", "u", {"a": 1}, api_key=sandbox.api_key
    )
    request = Request(
        prepared["url"],
        prepared["body"].encode(),
        prepared["headers"],
        method=prepared["method"],
    )
    opener = build_opener(ProxyHandler({}))
    with pytest.raises(ConnectionError):
        opener.open(request, timeout=120)
    assert sandbox.session("s")["context"] == {"a": 1}


def test_invalid_fault_raises_value_error(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="latencyMs"):
        sandbox.fault()
    with pytest.raises(ValueError):
        sandbox.fault(status=99)


def test_reset_deletes_requests_faults_and_sessions(
    client: cc.Client, sandbox: Sandbox
) -> None:
    client.inject_context("s", "u", {})
    sandbox.fault(status=500)
    sandbox.reset()
    assert sandbox.requests() == []
    client.inject_context("t", "u", {})
    with pytest.raises(KeyError):
        sandbox.session("s")


def test_arguments_set_credentials_and_limits() -> None:
    with Sandbox(api_key="mine", context_limit=20, body_limit=200) as sandbox:
        assert (sandbox.api_key, sandbox.client_id, sandbox.client_secret) == (
            "mine",
            "sandbox",
            "sandbox",
        )
        with cc.Client(sandbox.url, api_key="mine") as client:
            with pytest.raises(cc.ValidationError):
                client.inject_context("s", "u", {"a": "xxxxxxxxxxxxxxxxxxxx"})
            with pytest.raises(cc.BadRequestError) as raised:
                client.inject_context("t", "u", {"a": "x" * 200})
        assert raised.value.status == 413


def test_sandbox_can_be_stopped_and_started_again() -> None:
    sandbox = Sandbox()
    url = sandbox.url
    assert repr(sandbox) == f"<Sandbox {url}>" and "sandbox-key" in sandbox.banner()
    assert sandbox.start() is sandbox and sandbox.url == url
    sandbox.stop()
    sandbox.stop()
    assert repr(sandbox) == "<Sandbox stopped>"
    with pytest.raises(RuntimeError, match="stopped"):
        sandbox.session("s")
    with sandbox:
        sandbox.seed("s", {})
    with pytest.raises((RuntimeError, URLError)):
        sandbox.requests()


def test_port_in_use_raises_os_error(sandbox: Sandbox) -> None:
    with pytest.raises(OSError):
        Sandbox(int(sandbox.url.rsplit(":", 1)[1]))
