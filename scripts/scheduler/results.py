"""Parses the output of test runners: passed, failed and skipped tests."""

import re
from dataclasses import dataclass, field

# The number of passed tests in the format of each runner.
_PASSED = (
    re.compile(r"^test result: \w+\. (\d+) passed", re.MULTILINE),
    re.compile(r"^ *Summary \[.*?(\d+) passed", re.MULTILINE),
    re.compile(r"^=* ?(?:\d+ failed, )?(\d+) passed.* in [\d.]+s", re.MULTILINE),
    re.compile(r"^ℹ pass (\d+)$", re.MULTILINE),
    re.compile(r"^(\d+) passed, \d+ failed$", re.MULTILINE),
)
_FAILED = (
    re.compile(r"^test (\S+) \.\.\. FAILED", re.MULTILINE),
    re.compile(
        r"^ *(?:FAIL|TIMEOUT|ABORT|SIG\w+) \[.*?\] (?:\(.*?\) )?(.+)$", re.MULTILINE
    ),
    re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE),
    re.compile(r"^\s*✖ (.+?) \([\d.]+ms\)", re.MULTILINE),
)
_SKIPPED = (
    # Skips that our own scripts report.
    re.compile(r"^skipped: (.+)$", re.MULTILINE),
    re.compile(r"^SKIPPED (.+)$", re.MULTILINE),
    re.compile(r"^\s*﹣ (.+?) \([\d.]+ms\)(?: # ?(.*))?$", re.MULTILINE),
    re.compile(r"^test (\S+) \.\.\. ignored(?:, (.*))?", re.MULTILINE),
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Outcome:
    """Result of a step."""

    seconds: float = 0.0
    is_ok: bool = False
    # The reason, if the step did not run.
    not_run: str | None = None
    # Number of passed tests.
    tests: int = 0
    failed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def read(log: str) -> Outcome:
    """Parses the counts and test names in the output of a step."""
    log = _COLOUR.sub("", log)
    outcome = Outcome()
    outcome.tests = sum(
        int(count) for pattern in _PASSED for count in pattern.findall(log)
    )
    for pattern in _FAILED:
        outcome.failed += pattern.findall(log)
    outcome.failed = list(dict.fromkeys(outcome.failed))
    for pattern in _SKIPPED:
        for found in pattern.finditer(log):
            outcome.skipped.append(": ".join(filter(None, found.groups())))
    return outcome


def table(rows: list[tuple[str, ...]]) -> str:
    """Formats a table. The first row is the heading; the first and last columns are text, the others numbers."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for number, row in enumerate(rows):
        cells = [row[0].ljust(widths[0])]
        cells += [
            cell.rjust(width)
            for cell, width in zip(row[1:-1], widths[1:-1], strict=True)
        ]
        cells.append(row[-1])
        lines.append("  ".join(cells).rstrip())
        if number == 0:
            lines.append("  ".join("-" * width for width in widths))
    return "\n".join(lines)
