"""What commands print: tables on a terminal, plain lines elsewhere, JSON when asked for."""

import json
import sys
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .. import Report, Sizes

_STYLES = {"error": "bold red", "warning": "yellow"}


def print_json(value: Any) -> None:
    """One line of JSON on the standard output.

    Args:
        value: What JSON can say.
    """
    print(json.dumps(value), flush=True)


def print_text(text: str) -> None:
    """Text on the standard output, with escapes for what its encoding cannot say.

    Args:
        text: Lines for people.
    """
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)


def print_report(report: Report, *, sizes: bool = True) -> None:
    """A report for people.

    Args:
        report: What a check found.
        sizes: Whether its sizes are shown too.
    """
    console = Console()
    if not console.is_terminal:
        print_text(str(report))
    else:
        console.print(str(report).partition("\n")[0], highlight=False, markup=False)
        if report.issues:
            console.print(_issues_table(report))
    if sizes:
        print_sizes(report.sizes)


def print_sizes(sizes: Sizes) -> None:
    """Sizes for people, a line each.

    Args:
        sizes: What was measured.
    """
    lines = [f"{name:<14} {value:>12,}" for name, value in sizes_fields(sizes).items()]
    print_text("\n".join(lines))


def sizes_fields(sizes: Sizes) -> dict[str, int]:
    """Sizes for machines.

    Args:
        sizes: What was measured.

    Returns:
        dict[str, int]: Bytes, levels and counts by their names.
    """
    return {
        "json_bytes": sizes.json_bytes,
        "platform_bytes": sizes.platform_bytes,
        "depth": sizes.depth,
        "variables": sizes.variables,
    }


def print_problem(message: str) -> None:
    """A line on the standard error, after the name of the program.

    Args:
        message: What went wrong, and what to do.
    """
    print(f"cognigy-context: {message}", file=sys.stderr, flush=True)


def _issues_table(report: Report) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("severity", "code", "place", "what"):
        table.add_column(column, overflow="fold")
    for issue in report.issues:
        what = issue.message
        if issue.limit is not None and issue.actual is not None:
            what += f" ({issue.actual:,} of {issue.limit:,})"
        if issue.hint:
            what += f"\n{issue.hint}"
        severity = Text(issue.severity, style=_STYLES[issue.severity])
        # Text, because a key may look like markup.
        cells = (issue.code, issue.path or "(the whole)", what)
        table.add_row(severity, *(Text(cell) for cell in cells))
    return table
