"""The command ``inject-many``: input formats, failures, resumption and progress."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cli_support import (
    INVALID_KEY,
    WriteFile,
    injected_variables,
    run_on_terminal,
    tenant_fixture,  # noqa: F401 (a fixture)
    wait_until,
    write_file_fixture,  # noqa: F401 (a fixture)
)
from cognigy_context import Client
from cognigy_context.__main__ import main
from cognigy_context.cli.progress import ProgressReporter
from cognigy_context.cli.rows import Rows
from cognigy_context.testing import Sandbox

pytestmark = pytest.mark.usefixtures("_tenant")


def inject_many(*arguments: str) -> int:
    return main(["inject-many", *arguments, "--rate", "off"])


def summary_of(output: str) -> dict[str, Any]:
    summary: dict[str, Any] = json.loads(output.splitlines()[-1])
    return summary


def test_csv_row_is_one_variable(
    sandbox: Sandbox, write_file: WriteFile, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        "\ufeffsession_id,key,value,scope,expires_at\r\n"
        "s,tier,gold,,\r\n"
        "s,visits,42,user,\r\n"
        "\r\n"
        's,note,"two\r\nlines, ü",,2099-01-01T00:00:00Z\r\n'
    )
    assert inject_many(write_file("rows.csv", text)) == 0
    expected = {"tier": "gold", "visits": 42, "note": "two\r\nlines, ü"}
    assert injected_variables(sandbox) == expected
    output = capsys.readouterr()
    assert re.search(r"^injected +3$", output.out, re.MULTILINE)
    assert output.err == ""
    assert "\x1b" not in output.out


def test_values_option_selects_the_conversion_of_csv_values(
    sandbox: Sandbox, write_file: WriteFile
) -> None:
    name = write_file("rows.csv", "session_id,key,value\ns,a,007\ns,b,7\n")
    conversions = {"lossless": ["007", 7], "compat": [7, 7], "text": ["007", "7"]}
    for mode, (a, b) in conversions.items():
        assert inject_many(name, "--values", mode) == 0
        assert injected_variables(sandbox) == {"a": a, "b": b}
    assert inject_many(name, "--values", "guess") == 2


def test_json_line_is_one_variable_or_several(
    sandbox: Sandbox, write_file: WriteFile
) -> None:
    rows = [
        {"session_id": "s", "key": "a", "value": "1"},
        {"session_id": "s", "variables": {"b": 2, "c": [3]}},
        {"session_id": "s", "variables": [{"key": "d", "value": 4, "scope": "user"}]},
    ]
    text = "\n\n".join(json.dumps(row) for row in rows)
    assert inject_many(write_file("rows.jsonl", text)) == 0
    assert injected_variables(sandbox) == {"a": "1", "b": 2, "c": [3], "d": 4}


def test_failed_rows_are_reported_by_line_and_the_others_continue(
    sandbox: Sandbox, write_file: WriteFile, capsys: pytest.CaptureFixture[str]
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
        '{"session_id": "unknown", "key": "a", "value": 1}',
        '{"session_id": "s", "key": "b", "value": 2}',
    ]
    name = write_file("rows.jsonl", "\n".join(lines))
    assert inject_many(name, "--json") == 4
    output = capsys.readouterr()
    failures = [json.loads(line) for line in output.out.splitlines()]
    summary = failures.pop()
    assert sorted(failure["line"] for failure in failures) == [2, 3, 4, 5, 6, 7, 8, 9]
    errors = {failure["line"]: failure["error"] for failure in failures}
    assert errors.pop(9) == "SessionNotFoundError"
    assert set(errors.values()) == {"ValidationError"}
    messages = {failure["line"]: failure["message"] for failure in failures}
    assert "invalid_json" in messages[2] and "not a JSON object" in messages[3]
    assert "invalid_name" in messages[8]
    assert "secret" not in output.out + output.err
    assert (summary["total"], summary["injected"], summary["failed"]) == (10, 2, 8)
    assert injected_variables(sandbox) == {"a": 1, "b": 2}
    assert inject_many(name) == 4
    expected = "cognigy-context: line 3: the line is not a JSON object\n"
    assert expected in capsys.readouterr().err


def test_exit_code_of_a_server_error_outranks_that_of_invalid_data(
    sandbox: Sandbox, write_file: WriteFile
) -> None:
    row = '{"session_id": "s", "key": "a", "value": 1}\n'
    name = write_file("rows.jsonl", "[]\n" + row)
    assert inject_many(name) == 1
    sandbox.fault(status=500, times=1)
    assert inject_many(name, "--max-retries", "0") == 3


def test_rejected_credentials_stop_the_run(
    write_file: WriteFile, capsys: pytest.CaptureFixture[str]
) -> None:
    name = write_file("rows.csv", "session_id,key,value\n" + "s,a,1\n" * 5_000)
    options = ("--api-key", INVALID_KEY, "--json", "--concurrency", "2")
    assert inject_many(name, *options) == 4
    output = capsys.readouterr()
    assert summary_of(output.out)["total"] < 5_000
    assert "the server rejects the credentials" in output.err
    assert INVALID_KEY not in output.out + output.err


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
def test_file_with_an_invalid_form_exits_2(
    name: str, text: str, write_file: WriteFile, capsys: pytest.CaptureFixture[str]
) -> None:
    assert inject_many(write_file(name, text)) == 2
    assert name in capsys.readouterr().err


def test_unusable_file_journal_or_format_exits_2(
    tmp_path: Path, write_file: WriteFile, capsys: pytest.CaptureFixture[str]
) -> None:
    name = write_file("rows.csv", "session_id,key,value\n")
    assert inject_many("missing.csv") == 2
    assert inject_many(name, "--journal", str(tmp_path)) == 2
    assert inject_many(name, "--journal", name) == 2
    assert "it was not changed" in capsys.readouterr().err
    assert inject_many(name, "--journal", os.devnull) == 2
    assert "not a regular file" in capsys.readouterr().err
    assert inject_many(name, "--format", "xml") == 2
    assert "xml" not in capsys.readouterr().out
    (tmp_path / "latin.csv").write_bytes(b"session_id,key,value\ns,a,\xfc\n")
    assert inject_many(str(tmp_path / "latin.csv")) == 2
    assert "line 2: not UTF-8" in capsys.readouterr().err


def test_resumed_run_injects_only_the_corrected_row(
    tmp_path: Path, write_file: WriteFile, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = str(tmp_path / "journal")
    rows = [
        json.dumps({"session_id": "s", "key": f"k{n}", "value": n}) for n in range(9)
    ]
    invalid = write_file("rows.jsonl", "\n".join(["[]", *rows]))
    assert inject_many(invalid, "--journal", journal, "--durable", "--json") == 1
    corrected = write_file("rows.jsonl", "\n".join([rows[0], *rows]))
    capsys.readouterr()
    assert inject_many(corrected, "--journal", journal, "--json") == 0
    summary = summary_of(capsys.readouterr().out)
    assert (summary["injected"], summary["skipped"]) == (1, 9)


def test_rows_in_memory_do_not_exceed_the_concurrency(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(["session_id", "key", "value"])
        writer.writerows(["s", f"k{n % 50}", n] for n in range(1_000))
    settings: Any = {"api_key": sandbox.api_key, "rate": None, "max_concurrent": 3}
    with path.open("rb") as opened_again, Client(sandbox.url, **settings) as client:
        rows = Rows(opened_again, str(path))
        for outcome in client.inject_many(rows.read_csv()):
            rows.pop(outcome.index)
            assert len(rows.lines) <= 3
        assert (rows.read, rows.lines) == (rows.size, {})


class InjectManyProcess:
    """``inject-many`` in its own process, which reads a pipe.

    Args:
        journal: The path of the journal.
    """

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
        self._journal = journal

    def write_rows(self, count: int) -> None:
        assert self.process.stdin
        rows = "".join(f"s,k{n},{n}\n" for n in range(count))
        self.process.stdin.write("session_id,key,value\n" + rows)
        self.process.stdin.flush()

    def confirmed_rows(self) -> int:
        if not self._journal.exists():
            return 0
        # Without the first line, which names the format.
        return max(len(self._journal.read_text().splitlines()) - 1, 0)

    def wait_for_confirmed_rows(self, count: int) -> None:
        wait_until(lambda: self.confirmed_rows() >= count)


def test_killed_run_resumes_after_the_confirmed_rows(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    journal = tmp_path / "journal"
    # The first two kills interrupt requests. The last kill interrupts none, because the counters could
    # count an interrupted request late.
    for count, confirmed in ((100, 50), (200, 150), (300, 300)):
        run = InjectManyProcess(journal)
        try:
            run.write_rows(count)
            run.wait_for_confirmed_rows(confirmed)
        finally:
            run.process.kill()
            run.process.communicate()
    before = run.confirmed_rows()
    assert before == 300
    sandbox._control("DELETE", "counters")
    run = InjectManyProcess(journal)
    run.write_rows(400)
    out, err = run.process.communicate(timeout=60)
    assert (run.process.returncode, err) == (0, "")
    summary = summary_of(out)
    assert (summary["skipped"], summary["injected"]) == (before, 400 - before)
    assert sandbox.counters()["requests"] == 400 - before
    assert injected_variables(sandbox) == {f"k{n}": n for n in range(400)}


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_ctrl_c_prints_the_summary_and_how_to_resume(tmp_path: Path) -> None:
    run = InjectManyProcess(tmp_path / "journal")
    try:
        run.write_rows(20)
        run.wait_for_confirmed_rows(20)
        run.process.send_signal(signal.SIGINT)
        out, err = run.process.communicate(timeout=60)
    finally:
        run.process.kill()
    assert run.process.returncode == 130
    # The last outcomes may be confirmed in the journal, but not counted yet.
    assert 10 <= summary_of(out)["injected"] <= 20
    assert err == "cognigy-context: stopped. Run the same command again to resume.\n"


def test_progress_without_a_terminal_is_a_line_every_10_seconds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seconds = 0.0
    with ProgressReporter(None, lambda: seconds) as reporter:
        for total in range(1, 26):
            seconds += 1
            reporter.update(0, total * 1_000, total)
    assert capsys.readouterr().err.splitlines() == [
        "10,000 rows, 10 failed, 1,000 rows/s",
        "20,000 rows, 20 failed, 1,000 rows/s",
    ]


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo terminal")
def test_terminal_shows_a_progress_bar_and_a_table(write_file: WriteFile) -> None:
    name = write_file("rows.csv", "session_id,key,value\ns,a,1\nunknown,b,[red]\n")
    exit_code, output = run_on_terminal("inject-many", name)
    assert exit_code == 4
    assert b"ETA" in output and b"rows/s" in output
    assert b"line 3: inject: session not found" in output
    assert b"injected" in output and b"skipped" in output
