"""The command ``check``."""

from typing import Annotated

import typer

from .. import check_json
from .exit_codes import ExitCode
from .files import read
from .output import print_json, print_report


def check(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="JSON file; - reads standard input.")
    ],
    policy: Annotated[
        str,
        typer.Option(
            help="Policy: injection, context, state, platform or platform_app."
        ),
    ] = "platform",
    existing: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="JSON file with the existing context (default: empty)."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON.")
    ] = False,
) -> None:
    """Check a context: a JSON object of names and values."""
    there = None if existing is None else read(existing)
    report = check_json(read(file), policy, there)  # type: ignore[arg-type]
    if as_json:
        print_json(report.to_dict())
    else:
        print_report(report)
    raise typer.Exit(ExitCode.OK if report.ok else ExitCode.FINDINGS)
