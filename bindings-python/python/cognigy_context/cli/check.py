"""The command ``check``: checks a JSON file."""

from typing import Annotated

import typer

from .. import check_json
from .exit_codes import ExitCode
from .files import read
from .output import print_json, print_report
from .parameters import JSON_FILE, option

EXAMPLES = (
    "check context.json",
    "check context.json --policy injection --json",
    "check new.json --existing stored.json",
)


def check(
    file: Annotated[str, JSON_FILE],
    policy: Annotated[
        str,
        option(
            metavar="POLICY",
            help="Policy: platform, platform_app, injection, context or state "
            "(default: platform).",
        ),
    ] = "platform",
    existing: Annotated[
        str | None,
        option(
            metavar="FILE",
            help="JSON file with the existing context (default: an empty context).",
        ),
    ] = None,
    as_json: Annotated[
        bool, option("--json", help="Print the report as JSON.")
    ] = False,
) -> None:
    """Check a context: a JSON object of names and values."""
    existing_text = None if existing is None else read(existing)
    report = check_json(read(file), policy, existing_text)  # type: ignore[arg-type]
    if as_json:
        print_json(report.to_dict())
    else:
        print_report(report)
    raise typer.Exit(ExitCode.OK if report.ok else ExitCode.FINDINGS)
