"""The commands that reach a tenant, as a user types them."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cognigy_context as cc
import pytest
from cognigy_context.__main__ import main
from cognigy_context.cli.progress import ProgressReporter
from cognigy_context.cli.rows import Rows
from cognigy_context.testing import Sandbox

SECRET = "a-key-that-nobody-should-see"


@pytest.fixture(autouse=True)
def tenant(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A tenant that the environment names, with a session ``s`` and a dialog ``d``."""
    sandbox.seed("s")
    sandbox._control("PUT", "dialogs/d", {})
    monkeypatch.setenv("COGNIGY_BASE_URL", sandbox.url)
    monkeypatch.setenv("COGNIGY_API_KEY", sandbox.api_key)
    monkeypatch.setenv("COLUMNS", "120")
    return sandbox


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., str]:
    def write(name: str, text: str) -> str:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return str(path)

    return write


def held(sandbox: Sandbox) -> dict[str, Any]:
    """What session ``s`` holds of what was injected."""
    with cc.Client(sandbox.url, api_key=sandbox.api_key) as client:
        return client.get_injected("s").variables


def until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


# --- inject ----------------------------------------------------------------------------------


def test_variables_are_injected_from_a_file_and_by_name(
    sandbox: Sandbox, file: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    name = file("v.json", '{"tier": "gold"}')
    assert main(["inject", "s", name, "--set", "visits=3", "--set", "id=007"]) == 0
    assert "variables injected: 3" in capsys.readouterr().out
    assert held(sandbox) == {"tier": "gold", "visits": 3, "id": "007"}


def test_variables_have_scopes(
    sandbox: Sandbox, file: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    variables = [{"key": "a", "value": 1}, {"key": "b", "value": 2, "scope": "session"}]
    name = file("v.json", json.dumps(variables))
    assert main(["inject", "s", name, "--scope", "user", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["status"], answer["variables_injected"]) == ("success", 2)
    assert answer["result"]["variables"] == {"a": 1, "b": 2}
    scopes = {it["key"]: it["scope"] for it in sandbox.session("s")["variables"]}
    assert scopes == {"a": "user", "b": "session"}


def test_a_context_is_injected_by_the_platforms_route(
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
        (["s", "nowhere.json"], 2),
        (["s", "--set", "a"], 2),
        (["s", "--set", "a=1", "--set", "a=2"], 2),
        (["s", "--set", "bad name=1"], 1),
        (["..", "--set", "a=1"], 1),
        (["nobody", "--set", "a=1"], 4),
        (["s", "--set", "a=1", "--api-key", SECRET], 4),
        (["s", "--set", "a=1", "--rate", "many"], 2),
        (["s", "--set", "a=1", "--deadline", "-1"], 2),
    ],
    ids=lambda it: (
        " ".join(it).replace(SECRET, "wrong") if isinstance(it, list) else it
    ),
)
def test_what_goes_wrong_has_its_exit_code(
    arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inject", *arguments]) == code
    shown = capsys.readouterr()
    assert SECRET not in shown.out + shown.err
    assert shown.err or "error" in shown.out
    # The library's log does not say it a second time.
    assert "API call failed" not in shown.err


def test_a_failing_server_is_another_matter_than_a_refusing_one(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.fault(status=503)
    arguments = ["inject", "s", "--set", "a=1", "--max-retries", "0"]
    assert main(arguments) == 3
    assert capsys.readouterr().err.startswith("cognigy-context: inject: ")
    assert main([*arguments, "--base-url", "http://127.0.0.1:9"]) == 3


def test_without_credentials_it_says_what_to_give(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COGNIGY_API_KEY")
    assert main(["inject", "s", "--set", "a=1"]) == 2
    assert "COGNIGY_API_KEY" in capsys.readouterr().err


def test_clients_get_tokens(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COGNIGY_API_KEY")
    client = [
        "--client-id",
        sandbox.client_id,
        "--client-secret",
        sandbox.client_secret,
    ]
    assert main(["inject", "s", "--set", "a=1", *client]) == 0
    assert held(sandbox) == {"a": 1}


# --- snapshot, sync, update-state --------------------------------------------------------------


def test_a_snapshot_shows_what_counts(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    variables = [
        {"name": "tier", "value": "gold", "scope": "bot"},
        {"name": "tier", "value": "plat\u009binum", "scope": "user"},
        {"name": "visits", "value": "42", "scope": "session"},
    ]
    sandbox._control("PUT", "botsessions/s", {"variables": variables})
    assert main(["snapshot", "s"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines() == [
        "tier\tuser\tstring\t'\"plat\\x9binum\"'",
        "visits\tsession\tinteger\t42",
    ]
    assert main(["snapshot", "s", "--name", "visits", "--json"]) == 0
    taken = json.loads(capsys.readouterr().out)
    assert list(taken["variables"]) == ["visits"]
    assert taken["variables"]["visits"]["value"] == 42
    assert taken["metrics"]["total_retrieved"] == 1
    assert main(["snapshot", "nobody"]) == 4


def test_a_webhook_that_fails_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CRM_WEBHOOK_URL", "http://127.0.0.1:9/nobody")
    assert main(["inject", "s", "--set", "a=1"]) == 0
    assert "cognigy-context: webhook delivery failed" in capsys.readouterr().err


def test_a_document_is_merged(
    sandbox: Sandbox, file: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox._control("PUT", "sessions/s", {"document": {"a": {"b": 1}}})
    assert main(["sync", "s", file("d.json", '{"a": {"c": 2}}'), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"a": {"b": 1, "c": 2}}
    assert sandbox.session("s")["document"] == {"a": {"b": 1, "c": 2}}
    assert main(["sync", "s", file("d.json", '{"d": 3}')]) == 0
    assert '  "d": 3' in capsys.readouterr().out.splitlines()
    assert main(["sync", "s", file("d.json", "[1]")]) == 2
    assert main(["sync", "s", file("d.json", '{"a": 1, "a": 2}')]) == 1
    assert "duplicate_key" in capsys.readouterr().out


def test_a_dialogs_state_is_updated(
    sandbox: Sandbox, file: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    name = file("u.json", '{"session": {"a": 1}, "user": {"b": 2}}')
    assert main(["update-state", "d", name, "--next-step", "pay", "--json"]) == 0
    tag = json.loads(capsys.readouterr().out)["tag"]
    dialog = sandbox._control("GET", "dialogs/d")
    assert dialog["session"] == {"a": 1} and dialog["user"] == {"b": 2}
    assert dialog["nextStep"] == "pay"
    assert main(["update-state", "d", name, "--if-match", tag]) == 0
    assert "state updated" in capsys.readouterr().out
    assert main(["update-state", "d", name, "--if-match", tag]) == 4
    assert main(["update-state", "d", name, "--if-match", tag, "--rebase"]) == 0
    large = {"session": {"a": "x" * 400_000, "b": "y" * 400_000}}
    capsys.readouterr()
    assert main(["update-state", "d", file("l.json", json.dumps(large))]) == 1
    capsys.readouterr()
    assert (
        main(["update-state", "d", str(Path(name).with_name("l.json")), "--parts"]) == 0
    )
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
def test_what_is_no_update_is_refused(
    text: str, code: int, sandbox: Sandbox, file: Any
) -> None:
    assert main(["update-state", "d", file("u.json", text)]) == code
    assert sandbox.requests() == []


# --- inject-many -------------------------------------------------------------------------------


def summary_of(out: str) -> dict[str, Any]:
    summary: dict[str, Any] = json.loads(out.splitlines()[-1])
    return summary


def many(*arguments: str) -> int:
    return main(["inject-many", *arguments, "--rate", "off"])


def test_csv_is_injected_row_by_row(
    sandbox: Sandbox, file: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        "\ufeffsession_id,key,value,scope,expires_at\r\n"
        "s,tier,gold,,\r\n"
        "s,visits,42,user,\r\n"
        "\r\n"
        's,note,"two\r\nlines, ü",,2099-01-01T00:00:00Z\r\n'
    )
    assert many(file("rows.csv", text)) == 0
    assert held(sandbox) == {"tier": "gold", "visits": 42, "note": "two\r\nlines, ü"}
    shown = capsys.readouterr()
    assert re.search(r"^injected +3$", shown.out, re.MULTILINE)
    assert shown.err == ""
    assert "\x1b" not in shown.out


def test_values_of_csv_are_read_as_asked(sandbox: Sandbox, file: Any) -> None:
    name = file("rows.csv", "session_id,key,value\ns,a,007\ns,b,7\n")
    read = {"lossless": ["007", 7], "compat": [7, 7], "text": ["007", "7"]}
    for values, expected in read.items():
        assert many(name, "--values", values) == 0
        assert held(sandbox) == {"a": expected[0], "b": expected[1]}
    assert many(name, "--values", "guess") == 2


def test_json_lines_are_injected_line_by_line(sandbox: Sandbox, file: Any) -> None:
    rows = [
        {"session_id": "s", "key": "a", "value": "1"},
        {"session_id": "s", "variables": {"b": 2, "c": [3]}},
        {"session_id": "s", "variables": [{"key": "d", "value": 4, "scope": "user"}]},
    ]
    text = "\n\n".join(json.dumps(row) for row in rows)
    assert many(file("rows.jsonl", text)) == 0
    assert held(sandbox) == {"a": "1", "b": 2, "c": [3], "d": 4}


def test_rows_that_fail_are_told_and_the_rest_goes_on(
    sandbox: Sandbox, file: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        '{"session_id": "s", "key": "a", "value": 1}',
        "{",
        "[]",
        '{"session_id": 5, "key": "secret", "value": 1}',
        '{"session_id": "s", "keys": "secret"}',
        '{"session_id": "s", "variables": 7}',
        '{"session_id": "s", "variables": {}, "key": "secret"}',
        '{"session_id": "s", "key": "bad secret", "value": 1}',
        '{"session_id": "nobody", "key": "a", "value": 1}',
        '{"session_id": "s", "key": "b", "value": 2}',
    ]
    name = file("rows.jsonl", "\n".join(lines))
    assert many(name, "--json") == 4
    shown = capsys.readouterr()
    told = [json.loads(line) for line in shown.out.splitlines()]
    summary = told.pop()
    assert sorted(line["line"] for line in told) == [2, 3, 4, 5, 6, 7, 8, 9]
    errors = {line["line"]: line["error"] for line in told}
    assert errors.pop(9) == "SessionNotFoundError"
    assert set(errors.values()) == {"ValidationError"}
    messages = {line["line"]: line["message"] for line in told}
    assert "invalid_json" in messages[2] and "not a JSON object" in messages[3]
    assert "invalid_name" in messages[8]
    assert "secret" not in shown.out + shown.err
    assert (summary["total"], summary["injected"], summary["failed"]) == (10, 2, 8)
    assert held(sandbox) == {"a": 1, "b": 2}
    assert many(name) == 4
    assert (
        "cognigy-context: line 3: the line is not a JSON object\n"
        in capsys.readouterr().err
    )


def test_what_may_succeed_later_outweighs_the_rest(sandbox: Sandbox, file: Any) -> None:
    row = '{"session_id": "s", "key": "a", "value": 1}\n'
    name = file("rows.jsonl", "[]\n" + row)
    assert many(name) == 1
    sandbox.fault(status=500, times=1)
    assert many(name, "--max-retries", "0") == 3


def test_wrong_credentials_end_it_at_once(
    file: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    row = "s,a,1\n"
    name = file("rows.csv", "session_id,key,value\n" + row * 5_000)
    assert many(name, "--api-key", SECRET, "--json", "--concurrency", "2") == 4
    shown = capsys.readouterr()
    assert summary_of(shown.out)["total"] < 5_000
    assert "the server rejects the credentials" in shown.err
    assert SECRET not in shown.out + shown.err


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rows.csv", ""),
        ("rows.csv", "session_id,key\ns,a\n"),
        ("rows.csv", "session_id,key,value,scpe\n"),
        ("rows.csv", "session_id,key,value,key\n"),
        ("rows.csv", 'session_id,key,value\ns,a,"open\n'),
        ("rows.txt", ""),
    ],
)
def test_a_file_that_is_no_table_is_a_wrong_command(
    name: str, text: str, file: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert many(file(name, text)) == 2
    assert name in capsys.readouterr().err


def test_files_that_cannot_be_used(
    tmp_path: Path, file: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    name = file("rows.csv", "session_id,key,value\n")
    assert many("nowhere.csv") == 2
    assert many(name, "--journal", str(tmp_path)) == 2
    assert many(name, "--journal", name) == 2
    assert many(name, "--format", "xml") == 2
    assert "xml" not in capsys.readouterr().out
    (tmp_path / "latin.csv").write_bytes(b"session_id,key,value\ns,a,\xfc\n")
    assert many(str(tmp_path / "latin.csv")) == 2
    assert "line 2: not UTF-8" in capsys.readouterr().err


def test_rows_keep_their_place_when_one_before_them_is_mended(
    tmp_path: Path, file: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = str(tmp_path / "journal")
    rows = [
        json.dumps({"session_id": "s", "key": f"k{n}", "value": n}) for n in range(9)
    ]
    broken = file("rows.jsonl", "\n".join(["[]", *rows]))
    assert many(broken, "--journal", journal, "--json") == 1
    mended = file("rows.jsonl", "\n".join([rows[0], *rows]))
    capsys.readouterr()
    assert many(mended, "--journal", journal, "--json") == 0
    summary = summary_of(capsys.readouterr().out)
    assert (summary["injected"], summary["skipped"]) == (1, 9)


def test_no_more_rows_are_held_than_are_under_way(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(["session_id", "key", "value"])
        writer.writerows(["s", f"k{n % 50}", n] for n in range(1_000))
    settings: Any = {"api_key": sandbox.api_key, "rate": None, "max_concurrent": 3}
    with path.open("rb") as opened_again, cc.Client(sandbox.url, **settings) as client:
        rows = Rows(opened_again, str(path))
        for outcome in client.inject_many(rows.of_csv()):
            rows.pop(outcome.index)
            assert len(rows.lines) <= 3
        assert (rows.read, rows.lines) == (rows.size, {})


class Command:
    """``inject-many`` in a process of its own, fed through a pipe."""

    def __init__(self, journal: Path) -> None:
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "cognigy_context", "inject-many", "-"),
                *("--format", "csv", "--rate", "off", "--json"),
                *("--journal", str(journal)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.journal = journal

    def write(self, count: int) -> None:
        assert self.process.stdin
        rows = "".join(f"s,k{n},{n}\n" for n in range(count))
        self.process.stdin.write("session_id,key,value\n" + rows)
        self.process.stdin.flush()

    def confirmed(self) -> int:
        return (
            len(self.journal.read_text().splitlines()) if self.journal.exists() else 0
        )


def test_a_command_that_was_killed_goes_on(sandbox: Sandbox, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    # Killed in the middle of rows twice. The last one has no row under way when it is killed, so that
    # no request of its is counted late.
    for count, enough in ((100, 50), (200, 150), (300, 300)):
        command = Command(journal)
        try:
            command.write(count)
            until(lambda command=command, enough=enough: command.confirmed() >= enough)  # type: ignore[misc]
        finally:
            command.process.kill()
            command.process.communicate()
    before = command.confirmed()
    assert before == 300
    sandbox._control("DELETE", "counters")
    command = Command(journal)
    command.write(400)
    out, err = command.process.communicate(timeout=60)
    assert (command.process.returncode, err) == (0, "")
    summary = summary_of(out)
    assert (summary["skipped"], summary["injected"]) == (before, 400 - before)
    assert sandbox._control("GET", "counters")["requests"] == 400 - before
    assert held(sandbox) == {f"k{n}": n for n in range(400)}


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_ctrl_c_tells_how_far_it_was(tmp_path: Path) -> None:
    command = Command(tmp_path / "journal")
    try:
        command.write(20)
        until(lambda: command.confirmed() == 20)
        command.process.send_signal(signal.SIGINT)
        out, err = command.process.communicate(timeout=60)
    finally:
        command.process.kill()
    assert command.process.returncode == 130
    # Some may have been confirmed, but not told yet.
    assert 10 <= summary_of(out)["injected"] <= 20
    assert err == "cognigy-context: stopped: run the same command again to resume\n"


# --- what is shown -----------------------------------------------------------------------------


def test_without_a_terminal_a_plain_line_comes_now_and_then(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seconds = 0.0
    with ProgressReporter(None, lambda: seconds) as shown:
        for total in range(1, 26):
            seconds += 1
            shown.update(0, total * 1_000, total)
    assert capsys.readouterr().err.splitlines() == [
        "10,000 rows, 10 failed, 1,000 rows/s",
        "20,000 rows, 20 failed, 1,000 rows/s",
    ]


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo terminal")
def test_a_terminal_gets_a_bar_and_a_table(file: Any) -> None:
    import pty

    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        environment.pop(name, None)
    name = file("rows.csv", "session_id,key,value\ns,a,1\nnobody,b,[red]\n")
    with subprocess.Popen(
        [sys.executable, "-m", "cognigy_context", "inject-many", name],
        stdout=follower,
        stderr=follower,
        stdin=subprocess.DEVNULL,
        env=environment,
    ) as process:
        os.close(follower)
        shown = b""
        while part := read_or_nothing(leader):
            shown += part
        assert process.wait(timeout=60) == 4
    os.close(leader)
    assert b"ETA" in shown and b"rows/s" in shown
    assert b"line 3: inject: session not found" in shown
    assert b"injected" in shown and b"skipped" in shown


def read_or_nothing(descriptor: int) -> bytes:
    # On Linux the other end's closing is an error of reading.
    try:
        return os.read(descriptor, 4096)
    except OSError:
        return b""
