"""The commands ``journal check`` and ``journal repair``: the journals of ``inject-many``."""

import shlex
from collections.abc import Callable
from typing import Annotated, Any

import typer

from .. import ConfigurationError, JournalReport, check_journal, repair_journal
from .exit_codes import EXIT_CODES_HELP, ExitCode
from .files import UsageError
from .help_text import HELP_OPTIONS, examples_epilog
from .output import print_json, print_problem, print_text
from .parameters import argument, option

EXAMPLES = (
    "journal check rows.journal",
    "journal check rows.journal --json",
    "journal repair rows.journal",
)

_FILE: Any = argument("FILE", "Journal of inject-many.")

app: typer.Typer = typer.Typer(
    help="Check or repair a journal of inject-many.",
    epilog=f"{examples_epilog(EXAMPLES)}\n\n{EXIT_CODES_HELP}",
    no_args_is_help=True,
    context_settings={"help_option_names": list(HELP_OPTIONS)},
)


@app.command("check", epilog=examples_epilog(EXAMPLES[:2]))
def check(
    file: Annotated[str, _FILE],
    as_json: Annotated[
        bool, option("--json", help="Print the counts as JSON.")
    ] = False,
) -> None:
    """Count the confirmed and the damaged lines of a journal, without changing it.

    The exit code is 1 when the journal has damaged lines or a partial last line.
    """
    report = _report_of(check_journal, file)
    _print_report(report, as_json)
    if not report.is_sound:
        print_problem(f"{file}: {_damage_of(report)}. Run `{_repair_command(file)}`.")
        raise typer.Exit(ExitCode.FINDINGS)


@app.command("repair", epilog=examples_epilog(EXAMPLES[2:]))
def repair(
    file: Annotated[str, _FILE],
    as_json: Annotated[
        bool, option("--json", help="Print the counts before the repair as JSON.")
    ] = False,
) -> None:
    """Remove damaged lines, a partial last line and repeated items from a journal.

    The confirmed items remain. A new file, which only its owner can read, replaces the
    journal. A sound journal is not changed.
    """
    _print_report(_report_of(repair_journal, file), as_json)


def _damage_of(report: JournalReport) -> str:
    """Returns what is wrong with a journal: `2 of 4 lines are damaged, the last line is partial`."""
    parts = []
    if report.damaged:
        verb = "is" if report.damaged == 1 else "are"
        noun = "line" if report.lines == 1 else "lines"
        parts.append(f"{report.damaged:,} of {report.lines:,} {noun} {verb} damaged")
    if report.partial:
        parts.append("the last line is partial")
    return ", ".join(parts)


def _repair_command(file: str) -> str:
    # A file name that starts with a hyphen would be an option.
    words = ["--", file] if file.startswith("-") else [file]
    return shlex.join(["cognigy-context", "journal", "repair", *words])


def _report_of(read: Callable[[str], JournalReport], file: str) -> JournalReport:
    try:
        return read(file)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from None
    except ConfigurationError as error:
        raise UsageError(f"{file}: {str(error).removeprefix('path: ')}") from None
    except ValueError:
        raise UsageError("the path contains an invalid character") from None


def _print_report(report: JournalReport, as_json: bool) -> None:
    counts = {
        "lines": report.lines,
        "confirmed": report.confirmed,
        "damaged": report.damaged,
    }
    if as_json:
        print_json({**counts, "partial": report.partial})
        return
    cells = {name: f"{count:,}" for name, count in counts.items()}
    cells["partial"] = "yes" if report.partial else "no"
    print_text("\n".join(f"{name:<11} {text:>14}" for name, text in cells.items()))
