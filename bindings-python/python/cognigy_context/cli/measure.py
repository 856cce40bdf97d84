"""The command ``measure``."""

from typing import Annotated

import typer

from .. import measure_json
from .files import read
from .output import print_json, print_sizes, sizes_fields

EXAMPLES = ("measure context.json", "measure - --json < context.json")


def measure(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="JSON file; - reads standard input.")
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the sizes as JSON.")
    ] = False,
) -> None:
    """Measure a JSON value: JSON bytes, platform bytes, depth and variables."""
    sizes = measure_json(read(file))
    if as_json:
        print_json(sizes_fields(sizes))
    else:
        print_sizes(sizes)
