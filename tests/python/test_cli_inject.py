"""The commands that send to a tenant: ``inject``, ``snapshot``, ``sync`` and ``update-state``."""

import json

import pytest
from cli_support import (
    INVALID_KEY,
    WriteFile,
    injected_variables,
    tenant_fixture,  # noqa: F401 (a fixture)
    write_file_fixture,  # noqa: F401 (a fixture)
)
from cognigy_context.__main__ import main
from cognigy_context.testing import Sandbox

pytestmark = pytest.mark.usefixtures("_tenant")

# Nothing listens on the discard port.
UNREACHABLE_URL = "http://127.0.0.1:9"


def test_inject_sends_variables_of_a_file_and_of_set_options(
    sandbox: Sandbox, write_file: WriteFile, capsys: pytest.CaptureFixture[str]
) -> None:
    name = write_file("v.json", '{"tier": "gold"}')
    assert main(["inject", "s", name, "--set", "visits=3", "--set", "id=007"]) == 0
    assert "variables injected: 3" in capsys.readouterr().out
    assert injected_variables(sandbox) == {"tier": "gold", "visits": 3, "id": "007"}


def test_inject_scope_applies_to_variables_without_a_scope(
    sandbox: Sandbox, write_file: WriteFile, capsys: pytest.CaptureFixture[str]
) -> None:
    variables = [{"key": "a", "value": 1}, {"key": "b", "value": 2, "scope": "session"}]
    name = write_file("v.json", json.dumps(variables))
    assert main(["inject", "s", name, "--scope", "user", "--json"]) == 0
    response = json.loads(capsys.readouterr().out)
    assert (response["status"], response["variables_injected"]) == ("success", 2)
    assert response["result"]["variables"] == {"a": 1, "b": 2}
    scopes = {it["key"]: it["scope"] for it in sandbox.session("s")["variables"]}
    assert scopes == {"a": "user", "b": "session"}


def test_inject_with_user_id_injects_into_the_platform_context(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["inject", "other", "--set", "tier=gold", "--user-id", "u"]
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"tier": "gold"}
    assert sandbox.session("other")["context"] == {"tier": "gold"}
    assert main(arguments) == 0
    assert "keys injected: 1" in capsys.readouterr().out
    assert main([*arguments, "--scope", "user"]) == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["s"], 2),
        (["s", "missing.json"], 2),
        (["s", "--set", "a"], 2),
        (["s", "--set", "a=1", "--set", "a=2"], 2),
        (["s", "--set", "bad name=1"], 1),
        (["..", "--set", "a=1"], 1),
        (["unknown", "--set", "a=1"], 4),
        (["s", "--set", "a=1", "--api-key", INVALID_KEY], 4),
        (["s", "--set", "a=1", "--rate", "many"], 2),
        (["s", "--set", "a=1", "--deadline", "-1"], 2),
    ],
    ids=lambda it: (
        " ".join(it).replace(INVALID_KEY, "invalid") if isinstance(it, list) else it
    ),
)
def test_inject_failure_has_its_exit_code_and_prints_one_error(
    arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inject", *arguments]) == code
    output = capsys.readouterr()
    assert INVALID_KEY not in output.out + output.err
    assert output.err or "error" in output.out
    # The log message of the library would repeat the error.
    assert "API call failed" not in output.err


def test_inject_exits_3_when_the_server_fails_or_is_unreachable(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.fault(status=503)
    arguments = ["inject", "s", "--set", "a=1", "--max-retries", "0"]
    assert main(arguments) == 3
    assert capsys.readouterr().err.startswith("cognigy-context: inject: ")
    assert main([*arguments, "--base-url", UNREACHABLE_URL]) == 3


def test_missing_credentials_exit_2_and_name_the_variable_to_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COGNIGY_API_KEY")
    assert main(["inject", "s", "--set", "a=1"]) == 2
    assert "COGNIGY_API_KEY" in capsys.readouterr().err


def test_client_credentials_get_a_token(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COGNIGY_API_KEY")
    credentials = [
        *("--client-id", sandbox.client_id),
        *("--client-secret", sandbox.client_secret),
    ]
    assert main(["inject", "s", "--set", "a=1", *credentials]) == 0
    assert injected_variables(sandbox) == {"a": 1}


def test_failed_webhook_delivery_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CRM_WEBHOOK_URL", UNREACHABLE_URL)
    assert main(["inject", "s", "--set", "a=1"]) == 0
    assert "cognigy-context: webhook delivery failed" in capsys.readouterr().err


def test_snapshot_prints_resolved_variables_and_escapes_control_characters(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    variables = [
        {"name": "tier", "value": "gold", "scope": "bot"},
        {"name": "tier", "value": "plat\u009binum", "scope": "user"},
        {"name": "visits", "value": "42", "scope": "session"},
    ]
    sandbox.seed("s", bot_variables=variables)
    assert main(["snapshot", "s"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "tier\tuser\tstring\t'\"plat\\x9binum\"'",
        "visits\tsession\tinteger\t42",
    ]
    assert main(["snapshot", "s", "--name", "visits", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert list(result["variables"]) == ["visits"]
    assert result["variables"]["visits"]["value"] == 42
    assert result["metrics"]["total_retrieved"] == 1
    assert main(["snapshot", "unknown"]) == 4


def test_sync_merges_the_data_and_prints_the_document(
    sandbox: Sandbox, write_file: WriteFile, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.seed("s", document={"a": {"b": 1}})
    assert main(["sync", "s", write_file("d.json", '{"a": {"c": 2}}'), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"a": {"b": 1, "c": 2}}
    assert sandbox.session("s")["document"] == {"a": {"b": 1, "c": 2}}
    assert main(["sync", "s", write_file("d.json", '{"d": 3}')]) == 0
    assert '  "d": 3' in capsys.readouterr().out.splitlines()
    assert main(["sync", "s", write_file("d.json", "[1]")]) == 2
    assert main(["sync", "s", write_file("d.json", '{"a": 1, "a": 2}')]) == 1
    assert "duplicate_key" in capsys.readouterr().out


def test_update_state_supports_if_match_rebase_and_parts(
    sandbox: Sandbox, write_file: WriteFile, capsys: pytest.CaptureFixture[str]
) -> None:
    name = write_file("u.json", '{"session": {"a": 1}, "user": {"b": 2}}')
    assert main(["update-state", "d", name, "--next-step", "pay", "--json"]) == 0
    tag = json.loads(capsys.readouterr().out)["tag"]
    dialog = sandbox.dialog("d")
    assert dialog["session"] == {"a": 1} and dialog["user"] == {"b": 2}
    assert dialog["nextStep"] == "pay"
    assert main(["update-state", "d", name, "--if-match", tag]) == 0
    assert "state updated" in capsys.readouterr().out
    assert main(["update-state", "d", name, "--if-match", tag]) == 4
    assert main(["update-state", "d", name, "--if-match", tag, "--rebase"]) == 0
    capsys.readouterr()
    large = {"session": {"a": "x" * 400_000, "b": "y" * 400_000}}
    name = write_file("l.json", json.dumps(large))
    assert main(["update-state", "d", name]) == 1
    capsys.readouterr()
    assert main(["update-state", "d", name, "--parts"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{}", 1),
        ("[]", 2),
        ('{"sesion": {"a": 1}}', 2),
        ('{"session": 5}', 2),
        ('{"next_step": 5}', 2),
        ('{"session": {"_user": 1}}', 1),
    ],
)
def test_invalid_update_is_rejected_before_a_request(
    text: str, code: int, sandbox: Sandbox, write_file: WriteFile
) -> None:
    assert main(["update-state", "d", write_file("u.json", text)]) == code
    assert sandbox.requests() == []
