"""The commands ``journal check`` and ``journal repair``."""

import json
import shlex
from pathlib import Path

import pytest
from cli_support import WriteFile, write_file_fixture  # noqa: F401 (a fixture)
from cognigy_context import check_journal
from cognigy_context.__main__ import main

HEADER = "cognigy-context journal 1\n"
ITEM = "0 " + "ab" * 16 + "\n"


def test_check_counts_and_changes_nothing(
    write_file: WriteFile, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_file("journal", HEADER + ITEM)
    assert main(["journal", "check", path]) == 0
    output = capsys.readouterr()
    assert output.out.split() == [
        *("lines", "1", "confirmed", "1", "damaged", "0", "partial", "no")
    ]
    assert output.err == ""
    text = HEADER + ITEM + "damaged\n" + ITEM + "1 ab"
    path = write_file("journal", text)
    assert main(["journal", "check", path, "--json"]) == 1
    output = capsys.readouterr()
    counts = {"lines": 3, "confirmed": 1, "damaged": 1, "partial": True}
    assert json.loads(output.out) == counts
    assert Path(path).read_text() == text


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (
            "damaged\n" + ITEM + "damaged\n" + ITEM + "1 ab",
            "2 of 4 lines are damaged, the last line is partial",
        ),
        ("damaged\n" + ITEM, "1 of 2 lines is damaged"),
        ("damaged\n", "1 of 1 line is damaged"),
        (ITEM + "1 ab", "the last line is partial"),
        ("damaged\n" * 1_000 + ITEM, "1,000 of 1,001 lines are damaged"),
    ],
)
def test_check_says_what_is_damaged_and_how_to_repair_it(
    lines: str, problem: str, write_file: WriteFile, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_file("rows of a day", HEADER + lines)
    assert main(["journal", "check", path]) == 1
    message = (
        f"{path}: {problem}. Run `cognigy-context journal repair {shlex.quote(path)}`."
    )
    assert message in " ".join(capsys.readouterr().err.split())


def test_repair_keeps_the_confirmed_items(
    write_file: WriteFile, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_file("journal", HEADER + "damaged\n" + ITEM + ITEM + "1 ab")
    assert main(["journal", "repair", path, "--json"]) == 0
    counts = {"lines": 3, "confirmed": 1, "damaged": 1, "partial": True}
    output = capsys.readouterr()
    assert (json.loads(output.out), output.err) == (counts, "")
    assert Path(path).read_text() == HEADER + ITEM
    assert check_journal(path).is_sound
    assert main(["journal", "repair", path]) == 0
    assert main(["journal", "check", path]) == 0


@pytest.mark.parametrize("command", ["check", "repair"])
def test_a_file_that_is_not_a_journal_exits_2(
    command: str,
    write_file: WriteFile,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = write_file("rows.csv", "session_id,key,value\ns,a,1")
    for file, reason in (
        (path, "the file is not a journal of cognigy-context; it was not changed"),
        (str(tmp_path), "the path is not a regular file"),
        (str(tmp_path / "missing"), "No such file or directory"),
        ("a\0b", ""),
    ):
        assert main(["journal", command, file]) == 2
        output = capsys.readouterr()
        assert output.out == ""
        assert output.err.startswith("cognigy-context: ") and reason in output.err
    assert Path(path).read_bytes() == b"session_id,key,value\ns,a,1"
