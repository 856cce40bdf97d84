"""Settings and callbacks of a client: tokens, audit records, listeners, logging."""

import json
import logging
import subprocess
import sys
import textwrap
import threading
import urllib.parse
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import Any

import cognigy_context as cc
import pytest
from cognigy_context.testing import Sandbox

SECRET = "a-client-secret"


def fetch_token(sandbox: Sandbox) -> str:
    """Returns a token that the sandbox accepts for the family ``sessions_v2``."""
    form = {
        "grant_type": "client_credentials",
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
    }
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    data = urllib.parse.urlencode(form).encode()
    with opener.open(sandbox.url + "/api/v2/oauth/token", data=data) as response:
        token: str = json.load(response)["access_token"]
    return token


# --- arguments -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "keywords",
    [
        {"deadline": -1},
        {"deadline": 0},
        {"deadline": float("nan")},
        {"deadline": timedelta(seconds=-1)},
        {"max_retries": -1},
        {"max_concurrent": 0},
        {"client_id": "only-one-of-two"},
        {"client_secret": SECRET},
        {"bearer_token": SECRET, "get_token": lambda family: SECRET},
        {"token_urls": {"session_v1": "https://host"}},
        {"scopes": {"unknown": "x"}},
        {"crm_webhook": "ftp://host"},
        {"crm_webhook": "https://host", "crm_webhook_secret": "no base64!"},
        {"tenant_id": "a\nb"},
    ],
    ids=lambda keywords: next(iter(keywords)),
)
@pytest.mark.parametrize("create", [cc.Client, cc.AsyncClient])
def test_an_invalid_setting_is_a_configuration_error(
    create: Any, keywords: Any
) -> None:
    api_key = {} if "bearer_token" in keywords else {"api_key": "k"}
    with pytest.raises(cc.ConfigurationError) as raised:
        create("https://host", **api_key, **keywords)
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize(
    "keywords",
    [
        {"deadline": "soon"},
        {"max_retries": "three"},
        {"rate": 5},
        {"rate": (1, 2, 3)},
        {"get_token": SECRET},
        {"audit": 5},
        {"token_urls": ["sessions_v1"]},
        {"api_key": 5},
        {"unknown": 1},
    ],
    ids=lambda keywords: next(iter(keywords)),
)
def test_a_setting_of_the_wrong_type_is_a_type_error(keywords: Any) -> None:
    with pytest.raises(TypeError) as raised:
        cc.Client("https://host", **{"bearer_token": "t", **keywords})
    assert SECRET not in str(raised.value)


def test_a_deadline_is_in_seconds_or_a_timedelta(sandbox: Sandbox) -> None:
    sandbox.fault(latency=60)
    for deadline in (0.1, timedelta(milliseconds=100)):
        client = cc.Client(sandbox.url, api_key=sandbox.api_key, deadline=deadline)
        with client, pytest.raises(cc.DeadlineError) as raised:
            client.inject_context("s", "u", {})
        assert isinstance(raised.value, TimeoutError)
    client = cc.Client(sandbox.url, api_key=sandbox.api_key)
    with client, pytest.raises(cc.DeadlineError):
        client.with_deadline(timedelta(seconds=0.1)).inject_context("s", "u", {})


def test_with_deadline_shares_the_audit_trail(client: cc.Client) -> None:
    client.with_deadline(30).inject_context("s", "u", {"a": 1})
    assert [record["operation"] for record in client.audit_trail()] == [
        "inject_context"
    ]


def test_the_platform_rate_can_be_changed_or_turned_off(sandbox: Sandbox) -> None:
    limited = cc.Client(sandbox.url, api_key=sandbox.api_key, platform_rate=(1, 600))
    with limited, pytest.raises(cc.RateLimitError) as raised:
        for _ in range(2):
            limited.inject_context("s", "u", {})
    assert (raised.value.attempts, raised.value.retry_after is not None) == (0, True)
    unlimited = cc.Client(sandbox.url, api_key=sandbox.api_key, platform_rate=None)
    with unlimited:
        for _ in range(3):
            unlimited.inject_context("s", "u", {})


def test_client_credentials_are_read_from_the_environment(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.seed("s")
    monkeypatch.setenv("COGNIGY_BASE_URL", sandbox.url)
    monkeypatch.setenv("COGNIGY_CLIENT_ID", sandbox.client_id)
    monkeypatch.setenv("COGNIGY_CLIENT_SECRET", sandbox.client_secret)
    with cc.Client() as client:
        assert client.session_exists("s")


# --- tokens ----------------------------------------------------------------------------------


def test_get_token_is_called_once_for_several_calls_and_on_another_thread(
    sandbox: Sandbox,
) -> None:
    sandbox.seed("s")
    calls: list[Any] = []
    token = fetch_token(sandbox)

    def get_token(family: str) -> Any:
        calls.append((family, threading.current_thread() is threading.main_thread()))
        return token, 600

    with cc.Client(sandbox.url, get_token=get_token) as client:
        assert client.session_exists("s")
        assert client.session_exists("s")
    assert calls == [("sessions_v2", False)]


@pytest.mark.parametrize(("lifetime", "requests"), [(None, 1), (0, 2)])
def test_token_lifetime_applies_to_tokens_without_expires_in(
    sandbox: Sandbox, lifetime: float | None, requests: int
) -> None:
    sandbox.seed("s")
    sandbox.configure(expiresIn=False)
    with cc.Client(
        sandbox.url,
        client_id=sandbox.client_id,
        client_secret=sandbox.client_secret,
        token_lifetime=lifetime,
    ) as client:
        assert client.session_exists("s")
        assert client.session_exists("s")
    assert sandbox.counters()["tokensGranted"] == requests


@pytest.mark.parametrize("token", [None, 5, "", "a\nb", ("t", -1), (1, 2, 3)], ids=repr)
def test_an_invalid_result_of_get_token_is_an_authentication_error(
    sandbox: Sandbox, token: Any
) -> None:
    client = cc.Client(sandbox.url, get_token=lambda family: token)
    with client, pytest.raises(cc.AuthenticationError) as raised:
        client.session_exists("s")
    assert raised.value.during_token
    assert raised.value.__cause__ is not None
    assert sandbox.requests() == []


def test_an_error_of_get_token_is_the_cause_of_the_authentication_error(
    sandbox: Sandbox,
) -> None:
    def get_token(family: str) -> str:
        raise LookupError("the vault is locked")

    client = cc.Client(sandbox.url, get_token=get_token)
    with client, pytest.raises(cc.AuthenticationError) as raised:
        client.session_exists("s")
    assert isinstance(raised.value.__cause__, LookupError)
    assert "vault" not in str(raised.value)


# --- audit records ---------------------------------------------------------------------------


def test_an_update_that_cannot_be_split_is_recorded_as_refused(
    sandbox: Sandbox,
) -> None:
    with cc.Client(sandbox.url, api_key=sandbox.api_key) as client:
        with pytest.raises(cc.ValidationError):
            client.update_state_parts("d", {"session": {"a": "x" * 600_000}})
        (record,) = client.audit_trail()
        assert client.state_metrics()["persistence_rate"] == 0
    assert (record["operation"], record["status"]) == ("update_state", "refused")


def test_audit_writes_records_to_a_file_and_a_callable(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    seen: list[dict[str, Any]] = []
    path = tmp_path / "audit.jsonl"
    client = cc.Client(
        sandbox.url,
        api_key=sandbox.api_key,
        audit=[path, seen.append],
        log_raw_session_ids=True,
    )
    with client:
        client.inject_context("s", "u", {"a": 1, "b": 2})
        with pytest.raises(cc.ValidationError):
            client.inject_context("..", "u", {})
        assert [record["status"] for record in seen] == ["success", "refused"]
        assert seen == client.audit_trail()
    header, *records = map(json.loads, path.read_text().splitlines())
    assert header == {"format": "cognigy-context audit", "version": 1}
    assert records == seen
    assert (seen[0]["session"], seen[0]["variable_count"]) == ("s", 2)


def test_audit_records_contain_hashed_session_ids(client: cc.Client) -> None:
    client.inject_context("s-1", "u", {})
    (record,) = client.audit_trail(1)
    assert record["session"] == cc.hash_session_id("s-1")


def test_an_audit_file_that_cannot_be_opened_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        cc.Client("https://host", api_key="k", audit=tmp_path)


def test_an_audit_callable_that_raises_is_logged_and_the_call_succeeds(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(record: Any) -> None:
        raise LookupError("the disk is full")

    with cc.Client(sandbox.url, api_key=sandbox.api_key, audit=broken) as client:
        assert client.inject_context("s", "u", {"a": 1}) == {"a": 1}
    (logged,) = caplog.records
    assert logged.getMessage() == "an audit sink failed to record a call"
    assert logged.exc_info and isinstance(logged.exc_info[1], LookupError)


# --- listeners -------------------------------------------------------------------------------


def test_a_state_listener_that_raises_is_logged_and_the_update_succeeds(
    client: cc.Client, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.seed_dialog("d-1")
    seen: list[Any] = []

    @client.on_state_updated
    def broken(dialog_id: str, payload: Any, result: cc.StateUpdateResult) -> None:
        seen.append((dialog_id, payload, threading.current_thread()))
        raise LookupError("not today")

    updated = client.update_state("d-1", cc.StateUpdate({"turn": 1}, next_step="go"))
    assert updated.tag is not None
    sent = {"session": {"turn": 1}, "transition": {"nextStep": "go"}}
    assert seen == [("d-1", sent, threading.current_thread())]
    assert [record.getMessage() for record in caplog.records] == [
        "a state listener failed"
    ]
    with pytest.raises(TypeError):
        client.on_state_updated("not callable")  # type: ignore[type-var]


def test_a_state_conflict_error_has_the_current_tag(
    client: cc.Client, sandbox: Sandbox
) -> None:
    sandbox.seed_dialog("d-1")
    tag = client.get_state("d-1").tag
    client.update_state("d-1", {"session": {"a": 1}}, tag)
    with pytest.raises(cc.StateConflictError) as raised:
        client.update_state("d-1", {"session": {"a": 2}}, if_match=tag)
    assert raised.value.current_tag == client.get_state("d-1").tag != tag


# --- logging ---------------------------------------------------------------------------------


def test_a_failed_call_is_logged_as_a_warning_without_the_session_id(
    client: cc.Client, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.fault(status=503)
    with pytest.raises(cc.ServerError):
        client.inject_context("secret-session", "u", {})
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("cognigy_context", "WARNING")
    assert "API call failed" in record.getMessage()
    assert "inject_context" in record.getMessage()
    assert "secret-session" not in record.getMessage()


def test_retries_are_logged_at_debug_level(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.fault(status=503, retry_after=0, times=1)
    with cc.Client(sandbox.url, api_key=sandbox.api_key) as client:
        client.session_exists("s")
        assert caplog.records == []
        sandbox.fault(status=503, retry_after=0, times=1)
        with caplog.at_level(logging.DEBUG, logger="cognigy_context"):
            client.session_exists("s")
    (record,) = caplog.records
    assert record.levelname == "DEBUG"
    assert "retrying the request" in record.getMessage()


def test_a_logging_handler_can_use_the_client(sandbox: Sandbox) -> None:
    seen: list[str] = []
    client = cc.Client(sandbox.url, api_key=sandbox.api_key, max_retries=0)

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(record.getMessage())
            client.inject_context("log", "u", {"failures": len(seen)})

    logger = logging.getLogger("cognigy_context")
    handler = Handler()
    logger.addHandler(handler)
    try:
        sandbox.fault(status=503, times=1)
        with pytest.raises(cc.ServerError):
            client.inject_context("s", "u", {})
    finally:
        logger.removeHandler(handler)
    assert len(seen) == 1
    assert sandbox.session("log")["context"] == {"failures": 1}


def run(code: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_logging_configuration_nothing_is_printed(sandbox: Sandbox) -> None:
    done = run(
        """
        import sys, cognigy_context as cc
        with cc.Client(sys.argv[1], api_key="wrong") as client:
            try:
                client.inject_context("s", "u", {})
            except cc.AuthenticationError:
                print("raised")
        """,
        sandbox.url,
    )
    assert (done.stderr, done.stdout, done.returncode) == ("", "raised\n", 0)


def test_a_failed_webhook_delivery_is_logged_before_the_process_exits(
    sandbox: Sandbox,
) -> None:
    sandbox.seed("s")
    done = run(
        """
        import logging, sys, cognigy_context as cc
        logging.basicConfig(format="%(name)s %(levelname)s %(message)s", stream=sys.stdout)
        client = cc.Client(
            sys.argv[1], api_key="sandbox-key", crm_webhook="http://127.0.0.1:9/unreachable"
        )
        client.inject({"session_id": "s", "variables": [{"key": "a", "value": 1}]})
        assert client.drain(30)
        """,
        sandbox.url,
    )
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout.startswith("cognigy_context WARNING webhook delivery failed")


def test_the_import_starts_no_thread_and_asyncio_is_loaded_on_use() -> None:
    done = run(
        """
        import atexit, sys, threading
        count = atexit._ncallbacks()
        import cognigy_context
        assert atexit._ncallbacks() == count
        assert threading.active_count() == 1
        assert "logging" not in sys.modules and "asyncio" not in sys.modules
        assert "AsyncClient" in dir(cognigy_context)
        assert "asyncio" not in sys.modules
        cognigy_context.AsyncClient
        assert "asyncio" in sys.modules
        try:
            cognigy_context.Unknown
        except AttributeError as error:
            print(error)
        """
    )
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout == "module 'cognigy_context' has no attribute 'Unknown'\n"
