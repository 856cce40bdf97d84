"""The command line, as a user types it."""

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


@pytest.fixture
def file(tmp_path: Path) -> Any:
    def write(text: str | bytes, name: str = "context.json") -> str:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


def test_check_says_all_is_well(file: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", file('{"a": 1, "b-c": 2}')]) == 0
    out = capsys.readouterr().out
    assert "0 errors, 1 warning" in out and "/b-c" in out
    assert re.search(r"platform_bytes +24\b", out)


def test_check_lists_issues(file: Any, capsys: pytest.CaptureFixture[str]) -> None:
    name = file('{"": 1, "a": 1, "a": 2}')
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


def test_check_takes_a_policy_and_an_existing_context(
    file: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    context = file('{"a": null}')
    assert main(["check", context]) == 0
    assert main(["check", context, "--policy", "state"]) == 1
    existing = file(json.dumps({"h": "x" * 32_000}), "existing.json")
    assert main(["check", context, "--existing", existing]) == 1
    assert "would_be_replaced" in capsys.readouterr().out


def test_measure_prints_the_sizes(
    file: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    name = file('{ "a": "ü" }')
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
def test_measure_of_what_is_no_json(
    file: Any, flags: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["measure", file("{"), *flags]) == 1
    shown = capsys.readouterr()
    assert "invalid_json" in shown.out
    assert shown.err == ""


@pytest.mark.parametrize("command", ["check", "measure"])
def test_a_file_that_is_not_there(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "nowhere.json"]) == 2
    assert (
        capsys.readouterr().err
        == "cognigy-context: nowhere.json: No such file or directory\n"
    )


def test_an_unknown_policy_is_a_wrong_command(
    file: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", file("{}"), "--policy", "plattform"]) == 2
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
    ],
)
def test_a_wrong_command_exits_with_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.err or (not arguments and "Usage" in shown.out)


def test_coerce_says_what_text_means(capsys: pytest.CaptureFixture[str]) -> None:
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


def test_coerce_reads_a_text_from_each_line() -> None:
    done = run("coerce", "-", "--json", stdin='1\nTrue\n\n{"ü": [1]}')
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"value": 1, "type": "integer"},
        {"value": True, "type": "boolean"},
        {"value": "", "type": "string"},
        {"value": {"ü": [1]}, "type": "object"},
    ]


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_coerce_of_what_cannot_be_is_a_finding(
    flags: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["coerce", "secret", "--hint", "number", *flags]) == 1
    out = capsys.readouterr().out
    assert "coercion_failed" in out and "secret" not in out


def test_an_output_that_cannot_say_a_character_gets_an_escape() -> None:
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


def test_without_the_extra_one_line_says_what_to_install() -> None:
    done = without_extras("check", "context.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith('pip install "cognigy-context[cli]"\n')
    assert done.stderr.count("\n") == 1


def test_the_sandbox_needs_no_extra() -> None:
    done = without_extras("sandbox", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    defaults = Sandbox.defaults()
    for name in ("context_limit", "body_limit"):
        assert f"(default: {defaults[name]})" in " ".join(done.stdout.split())


def test_each_error_has_its_exit_code() -> None:
    def exit_of_kind(error: type[cc.CognigyError]) -> int:
        return int(exit_code_for(error("x")))

    passing = (
        *(cc.NetworkError, cc.DeadlineError, cc.ServerError),
        *(cc.RateLimitError, cc.ProtocolError),
    )
    refused = (
        *(cc.AuthenticationError, cc.PermissionDeniedError, cc.BadRequestError),
        *(cc.SessionNotFoundError, cc.ConflictError, cc.StateConflictError),
    )
    assert {exit_of_kind(error) for error in passing} == {3}
    assert {exit_of_kind(error) for error in refused} == {4}
    assert exit_of_kind(cc.ConfigurationError) == 2
    assert exit_code_for(cc.ValidationError(cc.check({"": 1}))) == 1


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo terminal")
def test_a_terminal_gets_a_table(file: Any) -> None:
    import pty

    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        environment.pop(name, None)
    with subprocess.Popen(
        [sys.executable, "-m", "cognigy_context", "check", file('{"[red]": 1, "": 2}')],
        stdout=follower,
        stdin=subprocess.DEVNULL,
        env=environment,
    ) as process:
        os.close(follower)
        shown = b""
        # On Linux the other end's closing is an error of reading.
        while part := read_or_nothing(leader):
            shown += part
        assert process.wait(timeout=60) == 1
    os.close(leader)
    assert b"\x1b[" in shown and b"severity" in shown and b"invalid_name" in shown


def read_or_nothing(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:
        return b""


def test_a_port_that_cannot_be_had(
    capsys: pytest.CaptureFixture[str], sandbox: Any
) -> None:
    port = sandbox.url.rsplit(":", 1)[1]
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        for wanted in (port, "70000"):
            assert main(["sandbox", "--port", wanted]) == 2
            assert "cannot listen on 127.0.0.1:" + wanted in capsys.readouterr().err
    finally:
        for number, handler in zip(
            (signal.SIGINT, signal.SIGTERM), handlers, strict=True
        ):
            signal.signal(number, handler)


def test_the_standard_input_is_a_file_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stdin = io.TextIOWrapper(io.BytesIO('{"ü": 1}'.encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert main(["measure", "-", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["json_bytes"] == 8


def test_as_a_module_and_as_a_command() -> None:
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
def test_the_sandbox_serves_until_it_is_told_to_stop(number: signal.Signals) -> None:
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
            shown = "".join(iter(process.stdout.readline, "Press Ctrl-C to stop.\n"))
            found = re.search(r"http://127\.0\.0\.1:\d+", shown)
            assert found and "mine" in shown
            with cc.Client(found[0], api_key="mine") as client:
                assert client.inject_context("s", "u", {"a": 1}) == {"a": 1}
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(found[0] + "/_sandbox/sessions/s") as answer:
                assert json.load(answer)["context"] == {"a": 1}
            process.send_signal(number)
            out, err = process.communicate(timeout=120)
            assert (out, err, process.returncode) == ("", "", 0)
        finally:
            process.kill()
