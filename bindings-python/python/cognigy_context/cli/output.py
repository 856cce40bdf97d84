"""The output of commands: tables on a terminal, plain lines elsewhere, or JSON."""

import json
import sys
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .. import Report, Sizes

_STYLES = {"error": "bold red", "warning": "yellow"}


def print_json(value: Any) -> None:
    """Prints a line of JSON to standard output.

    Args:
        value: A JSON value.
    """
    print(json.dumps(value), flush=True)


def print_text(text: str) -> None:
    """Prints text to standard output. Escapes characters that its encoding lacks.

    Args:
        text: The text.
    """
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)


def print_report(report: Report, *, sizes: bool = True) -> None:
    """Prints a report.

    Args:
        report: The report of a check.
        sizes: Whether to print the sizes of the report. Default ``True``.
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
    """Prints sizes, one per line.

    Args:
        sizes: The sizes.
    """
    lines = [f"{name:<14} {value:>12,}" for name, value in sizes_fields(sizes).items()]
    print_text("\n".join(lines))


def sizes_fields(sizes: Sizes) -> dict[str, int]:
    """Returns sizes by name.

    Args:
        sizes: The sizes.

    Returns:
        dict[str, int]: Bytes, levels and counts.
    """
    return {
        "json_bytes": sizes.json_bytes,
        "platform_bytes": sizes.platform_bytes,
        "depth": sizes.depth,
        "variables": sizes.variables,
    }


def print_problem(message: str) -> None:
    """Prints a message to standard error, after the program name.

    Args:
        message: The problem, then what to do.
    """
    print(f"cognigy-context: {message}", file=sys.stderr, flush=True)


def _issues_table(report: Report) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("severity", "code", "path", "message"):
        table.add_column(column, overflow="fold")
    for issue in report.issues:
        # The message states the figure and the limit.
        message = issue.message if not issue.hint else f"{issue.message}\n{issue.hint}"
        severity = Text(issue.severity, style=_STYLES[issue.severity])
        # Text disables markup, which a key may contain.
        cells = (issue.code, issue.path or "(top level)", message)
        table.add_row(severity, *(Text(cell) for cell in cells))
    return table
