"""``inject-many``: as many injections as a file has rows."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from .. import AuthenticationError, BulkOutcome, BulkRun, Client, CognigyError
from .connection import connected
from .exits import Exit, exit_of
from .files import UnreadableError
from .output import print_json, print_problem, print_text
from .progress import Shown, rate_of
from .rows import Rows

# From what to do first to what to do last: what may succeed when the same command is given again
# outweighs what needs other data.
_WEIGHTS = (Exit.OK, Exit.FINDINGS, Exit.REFUSED, Exit.REMOTE, Exit.USAGE)


@connected
def inject_many(
    client: Client,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="a .csv or .jsonl file, a row an injection; - is the standard input",
        ),
    ],
    form: Annotated[
        str | None,
        typer.Option(
            "--format", help="csv or jsonl, where the file's name does not say"
        ),
    ] = None,
    values: Annotated[
        str,
        typer.Option(
            help="how values of CSV are read: lossless or compat, as coerce does, or text"
        ),
    ] = "lossless",
    journal: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="remembers the rows that are confirmed: the same command goes on after them",
        ),
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option(metavar="COUNT", help="rows under way at a time")
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="print failed rows and the summary as lines of JSON"
        ),
    ] = False,
) -> None:
    """Inject the rows of a CSV or JSON Lines file, as many as there are.

    CSV: a first line with the columns session_id, key, value, and perhaps scope
    and expires_at; then a variable a row. JSON Lines: objects of those fields, or
    of session_id and variables (a list of variables, or an object of names and
    values).

    Failed rows are told with their line, and the rest goes on. With a journal, a
    command that was stopped or killed goes on where it was when it is given
    again; rows that failed are tried again.
    """
    with _opened(file) as opened:
        rows = Rows(opened, file, _known("--values", values, _VALUES))
        if _form(file, form) == "csv":
            payloads = rows.of_csv()
        else:
            payloads = rows.of_json_lines()
        try:
            run = client.inject_many(payloads, journal=journal)
        except OSError as error:
            reason = "another run uses it"
            if not isinstance(error, BlockingIOError):
                reason = error.strerror or str(error)
            raise UnreadableError(f"{journal}: {reason}") from None
        code = _send(run, rows, as_json, journal)
    raise typer.Exit(code)


def _send(run: BulkRun, rows: Rows, as_json: bool, journal: str | None) -> Exit:
    worst = Exit.OK
    shown = Shown(rows.size)
    try:
        with shown:
            for outcome in run:
                line, problem = rows.ended(outcome.index)
                code = _weighed(outcome)
                worst = max(worst, code, key=_WEIGHTS.index)
                if code != Exit.OK:
                    _tell(shown, line, outcome, problem, as_json)
                if isinstance(outcome.error, AuthenticationError):
                    shown.problem("the credentials are not accepted: stopped")
                    run.close()
                summary = run.summary
                shown.update(rows.read, summary["total"], summary["failed"])
    finally:
        # Also after Ctrl-C, and after a row that could not be read.
        run.close()
        _print_summary(run, shown.seconds, as_json)
        if journal is not None and sys.exc_info()[0] is not None:
            print_problem("stopped: the same command goes on from here")
    return worst


def _weighed(outcome: BulkOutcome) -> Exit:
    if outcome.status == "unconfirmed":
        return Exit.USAGE
    return Exit.OK if outcome.error is None else exit_of(outcome.error)


def _tell(
    shown: Shown, line: int, outcome: BulkOutcome, problem: str | None, as_json: bool
) -> None:
    kind = "JournalError" if outcome.error is None else type(outcome.error).__name__
    message = problem or (
        "injected, but the journal could not be written"
        if outcome.error is None
        else _brief(outcome.error)
    )
    if as_json:
        print_json({"line": line, "error": kind, "message": message})
    else:
        shown.problem(f"line {line}: {message}")


def _brief(error: CognigyError) -> str:
    """On one line: of a report only its issues."""
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


_VALUES = ("lossless", "compat", "text")
_FORMS = ("csv", "jsonl")


def _known(option: str, given: str, known: tuple[str, ...]) -> str:
    if given not in known:
        raise UnreadableError(f"{option} is one of {', '.join(known)}")
    return given


def _form(file: str, form: str | None) -> str:
    if form is not None:
        return _known("--format", form, _FORMS)
    ending = file.rpartition(".")[2].lower()
    ending = "jsonl" if ending == "ndjson" else ending
    if ending not in _FORMS:
        raise UnreadableError(f"{file}: say with --format whether it is csv or jsonl")
    return ending


@contextmanager
def _opened(file: str) -> Iterator[IO[bytes]]:
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        opened = open(file, "rb")  # noqa: SIM115 (it is closed below)
    except OSError as error:
        raise UnreadableError(f"{file}: {error.strerror or error}") from None
    except ValueError:
        raise UnreadableError("the path holds a character that no path can") from None
    with opened:
        yield opened
