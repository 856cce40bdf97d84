"""The command line: commands without a tenant, output, exit codes, and the local sandbox."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import cognigy_context as cc
import pytest
from cli_support import (
    WriteFile,
    run_on_terminal,
    write_file_fixture,  # noqa: F401 (a fixture)
)
from cognigy_context.__main__ import main
from cognigy_context.cli.exit_codes import exit_code_for
from cognigy_context.testing import Sandbox


def run(
    *arguments: str, stdin: str | None = None
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "cognigy_context", *arguments],
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        input=stdin,
        timeout=60,
    )


def test_check_of_a_valid_context_prints_warnings_and_sizes(
    write_file: WriteFile, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", write_file("context.json", '{"a": 1, "b-c": 2}')]) == 0
    out = capsys.readouterr().out
    assert "0 errors, 1 warning" in out and "/b-c" in out
    assert re.search(r"platform_bytes +24\b", out)


def test_check_lists_issues_as_text_and_as_json(
    write_file: WriteFile, capsys: pytest.CaptureFixture[str]
) -> None:
    name = write_file("context.json", '{"": 1, "a": 1, "a": 2}')
    assert main(["check", name]) == 1
    out = capsys.readouterr().out
    assert "invalid_name" in out and "duplicate_key at /a" in out
    assert main(["check", "--json", name]) == 1
    report = json.loads(capsys.readouterr().out)
    assert [issue["code"] for issue in report["issues"]] == [
        "invalid_name",
        "duplicate_key",
    ]
    assert report["ok"] is False


def test_check_applies_the_policy_and_the_existing_context(
    write_file: WriteFile, capsys: pytest.CaptureFixture[str]
) -> None:
    context = write_file("context.json", '{"a": null}')
    assert main(["check", context]) == 0
    assert main(["check", context, "--policy", "state"]) == 1
    existing = write_file("existing.json", json.dumps({"h": "x" * 32_000}))
    assert main(["check", context, "--existing", existing]) == 1
    assert "would_be_replaced" in capsys.readouterr().out


def test_measure_prints_sizes(
    write_file: WriteFile, capsys: pytest.CaptureFixture[str]
) -> None:
    name = write_file("context.json", '{ "a": "ü" }')
    assert main(["measure", name, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "json_bytes": 10,
        "platform_bytes": 4,
        "depth": 0,
        "variables": 1,
    }
    assert main(["measure", name]) == 0
    assert re.search(r"json_bytes +10\b", capsys.readouterr().out)


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_measure_reports_invalid_json(
    write_file: WriteFile, flags: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["measure", write_file("context.json", "{"), *flags]) == 1
    output = capsys.readouterr()
    assert "invalid_json" in output.out
    assert output.err == ""


@pytest.mark.parametrize("command", ["check", "measure"])
def test_missing_file_exits_2(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "missing.json"]) == 2
    assert (
        capsys.readouterr().err
        == "cognigy-context: missing.json: No such file or directory\n"
    )


def test_unknown_policy_exits_2(
    write_file: WriteFile, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(["check", write_file("context.json", "{}"), "--policy", "plattform"]) == 2
    )
    assert "unknown policy" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["chek"],
        ["check"],
        ["check", "-", "--jsn"],
        ["coerce", "1", "--mode", "x"],
        ["sandbox", "--port", "x"],
        ["serve", "--port", "x"],
    ],
)
def test_invalid_command_exits_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert output.err or (not arguments and "Usage" in output.out)


def test_coerce_prints_type_and_value(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["coerce", "-1.5"]) == 0
    assert main(["coerce", "007"]) == 0
    assert main(["coerce", "007", "--mode", "compat", "--json"]) == 0
    assert main(["coerce", "12", "--hint", "string", "--json"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "number   -1.5",
        'string   "007"',
        '{"value": 7, "type": "integer"}',
        '{"value": "12", "type": "string"}',
    ]


def test_coerce_reads_one_text_per_line_of_standard_input() -> None:
    done = run("coerce", "-", "--json", stdin='1\nTrue\n\n{"ü": [1]}')
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"value": 1, "type": "integer"},
        {"value": True, "type": "boolean"},
        {"value": "", "type": "string"},
        {"value": {"ü": [1]}, "type": "object"},
    ]


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_coerce_failure_exits_1_without_the_text(
    flags: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["coerce", "secret", "--hint", "number", *flags]) == 1
    out = capsys.readouterr().out
    assert "coercion_failed" in out and "secret" not in out


def test_output_escapes_characters_that_its_encoding_lacks() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cognigy_context", "coerce", "ü"],
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        timeout=60,
    )
    assert done.stdout.split() == [b"string", b'"\\xfc"']


WITHOUT_EXTRAS = """
import sys
sys.modules["typer"] = sys.modules["rich"] = None
from cognigy_context.__main__ import main
sys.exit(main())
"""


def without_extras(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_EXTRAS, *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_missing_extra_is_one_line_with_the_install_command() -> None:
    done = without_extras("check", "context.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith('pip install "cognigy-context[cli]"\n')
    assert done.stderr.count("\n") == 1


def test_sandbox_requires_no_extra() -> None:
    done = without_extras("sandbox", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    defaults = Sandbox.defaults()
    for name in ("context_limit", "body_limit"):
        assert f"(default: {defaults[name]})" in " ".join(done.stdout.split())


def test_exit_code_of_each_error_class() -> None:
    def exit_code_of(error: type[cc.CognigyError]) -> int:
        return int(exit_code_for(error("x")))

    transient = (
        *(cc.NetworkError, cc.DeadlineError, cc.ServerError),
        *(cc.RateLimitError, cc.ProtocolError),
    )
    rejected = (
        *(cc.AuthenticationError, cc.PermissionDeniedError, cc.BadRequestError),
        *(cc.SessionNotFoundError, cc.ConflictError, cc.StateConflictError),
    )
    assert {exit_code_of(error) for error in transient} == {3}
    assert {exit_code_of(error) for error in rejected} == {4}
    assert exit_code_of(cc.ConfigurationError) == 2
    assert exit_code_for(cc.ValidationError(cc.check({"": 1}))) == 1


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo terminal")
def test_check_prints_a_table_on_a_terminal(write_file: WriteFile) -> None:
    text = json.dumps({"[red]": 1, "": 2, "n": "x" * 40_000})
    exit_code, output = run_on_terminal("check", write_file("context.json", text))
    assert exit_code == 1
    assert b"\x1b[" in output and b"severity" in output and b"invalid_name" in output
    # The message states the figure and the limit, so the table does not repeat them.
    assert b" of 64,000" not in output


def test_sandbox_exits_2_when_it_cannot_listen_or_the_port_is_invalid(
    capsys: pytest.CaptureFixture[str], sandbox: Any
) -> None:
    port = sandbox.url.rsplit(":", 1)[1]
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        assert main(["sandbox", "--port", port]) == 2
        assert f"cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err
        assert main(["sandbox", "--port", "70000"]) == 2
        assert "cognigy-context: port must be at most 65,535" in capsys.readouterr().err
    finally:
        for number, handler in zip(
            (signal.SIGINT, signal.SIGTERM), handlers, strict=True
        ):
            signal.signal(number, handler)


def test_file_name_hyphen_reads_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stdin = io.TextIOWrapper(io.BytesIO('{"ü": 1}'.encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert main(["measure", "-", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["json_bytes"] == 8


def test_module_and_console_script_run_the_command_line() -> None:
    done = run("check", "-", stdin='{"a": 1}')
    assert (done.returncode, done.stderr) == (0, "")
    assert run("check", "-", stdin="{").returncode == 1
    assert run("--version").stdout == cc.__version__ + "\n"
    command = Path(sys.executable).with_name("cognigy-context")
    shown = subprocess.run(
        [command, "--help"], check=False, capture_output=True, text=True, timeout=60
    )
    assert shown.returncode == 0 and "Exit codes" in shown.stdout


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_sandbox_serves_until_a_signal(number: signal.Signals) -> None:
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "cognigy_context",
            "sandbox",
            "--port",
            "0",
            "--api-key",
            "mine",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout
            banner = "".join(iter(process.stdout.readline, "Press Ctrl-C to stop.\n"))
            found = re.search(r"http://127\.0\.0\.1:\d+", banner)
            assert found and "mine" in banner
            with cc.Client(found[0], api_key="mine") as client:
                assert client.inject_context("s", "u", {"a": 1}) == {"a": 1}
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(found[0] + "/_sandbox/sessions/s") as response:
                assert json.load(response)["context"] == {"a": 1}
            process.send_signal(number)
            out, err = process.communicate(timeout=120)
            assert (out, err, process.returncode) == ("", "", 0)
        finally:
            process.kill()
