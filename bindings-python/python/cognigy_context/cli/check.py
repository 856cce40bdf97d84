"""``check``: a context against a policy."""

from typing import Annotated

import typer

from .. import check_json
from .exits import Exit
from .files import read
from .output import print_json, print_report


def check(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="a JSON file; - is the standard input")
    ],
    policy: Annotated[
        str,
        typer.Option(help="injection, context, state, platform or platform_app"),
    ] = "platform",
    existing: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="the context that is already there, as JSON"),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="print the report as JSON")
    ] = False,
) -> None:
    """Check a context, given as JSON: a map of names to values."""
    there = None if existing is None else read(existing)
    report = check_json(read(file), policy, there)  # type: ignore[arg-type]
    if as_json:
        print_json(report.to_dict())
    else:
        print_report(report)
    raise typer.Exit(Exit.OK if report.ok else Exit.FINDINGS)
