"""The command ``inject-many``: injects the rows of a file."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from .. import AuthenticationError, BulkOutcome, BulkRun, Client, CognigyError
from .connection import with_client
from .exit_codes import ExitCode, exit_code_for
from .files import UsageError
from .output import print_json, print_problem, print_text
from .parameters import argument, option
from .progress import ProgressReporter, rate_of
from .rows import Rows

EXAMPLES = (
    "inject-many rows.csv --journal rows.journal",
    "inject-many rows.csv --journal rows.journal --durable",
    "inject-many rows.jsonl --concurrency 10 --rate off --json",
    "inject-many - --format csv < rows.csv",
)

# In ascending priority. The exit code of a run is the highest one of its rows: errors that
# a retry may fix outrank errors in the data, and a journal that cannot be written outranks both.
_EXIT_PRIORITY = (
    ExitCode.OK,
    ExitCode.FINDINGS,
    ExitCode.REFUSED,
    ExitCode.REMOTE,
    ExitCode.USAGE,
)


@with_client
def inject_many(
    client: Client,
    file: Annotated[
        str,
        argument(
            "FILE",
            "CSV or JSON Lines file, one injection per row; - reads standard input.",
        ),
    ],
    file_format: Annotated[
        str | None,
        option(
            "--format",
            metavar="FORMAT",
            help="Format of the file: csv or jsonl (default: from the file name).",
        ),
    ] = None,
    values: Annotated[
        str,
        option(
            metavar="MODE",
            help="Conversion of CSV values: lossless or compat (see coerce), or text for none "
            "(default: lossless).",
        ),
    ] = "lossless",
    journal: Annotated[
        str | None,
        option(
            metavar="FILE",
            help="Journal of the confirmed rows; the same command skips these rows.",
        ),
    ] = None,
    durable: Annotated[
        bool,
        option(
            "--durable",
            help="Flush the journal to the disk after each row, so that a confirmed row survives "
            "a power cut. Without it, a confirmed row survives a kill.",
        ),
    ] = False,
    concurrency: Annotated[
        int | None,
        option(
            metavar="COUNT",
            help="Maximum number of concurrent requests (default: 5).",
        ),
    ] = None,
    as_json: Annotated[
        bool,
        option("--json", help="Print failed rows and the summary as JSON lines."),
    ] = False,
) -> None:
    """Inject the rows of a CSV or JSON Lines file.

    CSV: the first line names the columns session_id, key and value, and optionally
    scope and expires_at; each row is one variable. JSON Lines: objects with these
    fields, or with session_id and variables (a list of variables, or an object of
    names and values).

    A failed row is reported with its line, and the other rows continue, unless
    the server rejects the credentials. With --journal, the same command resumes
    after an interruption and retries the failed rows. Only one run at a time can use
    a journal. The command journal check counts its lines.
    """
    if durable and journal is None:
        raise UsageError("--durable needs a journal. Set --journal.")
    with _opened(file) as opened:
        rows = Rows(opened, file, _one_of("--values", values, _VALUE_MODES))
        if _format_of(file, file_format) == "csv":
            payloads = rows.read_csv()
        else:
            payloads = rows.read_json_lines()
        try:
            run = client.inject_many(payloads, journal=journal, durable=durable)
        except OSError as error:
            raise UsageError(f"{journal}: {error.strerror or error}") from None
        code = _send(run, rows, as_json, journal)
    raise typer.Exit(code)


def _send(run: BulkRun, rows: Rows, as_json: bool, journal: str | None) -> ExitCode:
    exit_code = ExitCode.OK
    reporter = ProgressReporter(rows.size)
    try:
        with reporter:
            for outcome in run:
                line, problem = rows.pop(outcome.index)
                code = _exit_code(outcome)
                exit_code = max(exit_code, code, key=_EXIT_PRIORITY.index)
                if code != ExitCode.OK:
                    _print_failure(reporter, line, outcome, problem, as_json)
                if isinstance(outcome.error, AuthenticationError):
                    reporter.problem(
                        "stopped: the server rejects the credentials. Check them."
                    )
                    run.close()
                summary = run.summary
                reporter.update(rows.read, summary["total"], summary["failed"])
    finally:
        # Also after Ctrl-C, and after an error of the file.
        run.close()
        _print_summary(run, reporter.seconds, as_json)
        if journal is not None and sys.exc_info()[0] is not None:
            print_problem("stopped. Run the same command again to resume.")
    return exit_code


def _exit_code(outcome: BulkOutcome) -> ExitCode:
    if outcome.status == "unconfirmed":
        return ExitCode.USAGE
    return ExitCode.OK if outcome.error is None else exit_code_for(outcome.error)


def _print_failure(
    reporter: ProgressReporter,
    line: int,
    outcome: BulkOutcome,
    problem: str | None,
    as_json: bool,
) -> None:
    kind = "JournalError" if outcome.error is None else type(outcome.error).__name__
    message = problem or (
        "injected, but the journal cannot be written"
        if outcome.error is None
        else _brief(outcome.error)
    )
    if as_json:
        print_json({"line": line, "error": kind, "message": message})
    else:
        reporter.problem(f"line {line}: {message}")


def _brief(error: CognigyError) -> str:
    """Returns the message of an error in one line; of a report, only the issues."""
    lines = [line.strip() for line in str(error).splitlines()]
    return "; ".join(lines[1:] or lines)


def _print_summary(run: BulkRun, seconds: float, as_json: bool) -> None:
    summary = run.summary
    if as_json:
        print_json({**summary, "seconds": round(seconds, 3)})
        return
    sent = summary["injected"] + summary["failed"]
    cells: dict[str, Any] = {
        "rows": f"{summary['total']:,}",
        "injected": f"{summary['injected']:,}",
        "skipped": f"{summary['skipped']:,}",
        "failed": f"{summary['failed']:,}",
        "time": f"{seconds:,.1f} s",
        "rate": rate_of(sent, seconds),
    }
    if summary["unconfirmed"]:
        cells["unconfirmed"] = f"{summary['unconfirmed']:,}"
    console = Console()
    if not console.is_terminal:
        print_text("\n".join(f"{name:<11} {text:>14}" for name, text in cells.items()))
        return
    table = Table(*cells, box=None, pad_edge=False)
    table.add_row(*cells.values())
    console.print(table)


_VALUE_MODES = ("lossless", "compat", "text")
_FORMATS = ("csv", "jsonl")


def _one_of(option: str, given: str, known: tuple[str, ...]) -> str:
    if given not in known:
        raise UsageError(f"{option} must be one of {', '.join(known)}")
    return given


def _format_of(file: str, file_format: str | None) -> str:
    if file_format is not None:
        return _one_of("--format", file_format, _FORMATS)
    suffix = file.rpartition(".")[2].lower()
    suffix = "jsonl" if suffix == "ndjson" else suffix
    if suffix not in _FORMATS:
        raise UsageError(f"{file}: unknown format. Pass --format csv or jsonl.")
    return suffix


@contextmanager
def _opened(file: str) -> Iterator[IO[bytes]]:
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        opened = open(file, "rb")  # noqa: SIM115 (it is closed below)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from None
    except ValueError:
        raise UsageError("the path contains an invalid character") from None
    with opened:
        yield opened
