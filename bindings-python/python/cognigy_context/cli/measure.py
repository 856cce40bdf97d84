"""The command ``measure``: measures a JSON file."""

from typing import Annotated

from .. import measure_json
from .files import read
from .output import print_json, print_sizes, sizes_fields
from .parameters import JSON_FILE, option

EXAMPLES = ("measure context.json", "measure - --json < context.json")


def measure(
    file: Annotated[str, JSON_FILE],
    as_json: Annotated[bool, option("--json", help="Print the sizes as JSON.")] = False,
) -> None:
    """Measure a JSON value: JSON bytes, platform bytes, depth and variables."""
    sizes = measure_json(read(file))
    if as_json:
        print_json(sizes_fields(sizes))
    else:
        print_sizes(sizes)
