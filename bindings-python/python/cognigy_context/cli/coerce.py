"""The command ``coerce``: converts text to typed values."""

import json
from typing import Annotated

from .. import coerce as coerce_text
from .. import debug_view
from .files import read_lines
from .output import print_json, print_text
from .parameters import argument, option

EXAMPLES = (
    "coerce 007",
    "coerce 007 --mode compat --json",
    "coerce 12 --hint string",
)


def coerce(
    text: Annotated[
        str,
        argument(
            "TEXT",
            "Text to convert; - reads one text per line of standard input.",
        ),
    ],
    mode: Annotated[
        str,
        option(
            metavar="MODE",
            help="Mode: lossless (007 stays text) or compat (007 becomes 7) "
            "(default: lossless).",
        ),
    ] = "lossless",
    hint: Annotated[
        str | None,
        option(
            metavar="TYPE",
            help="Declared type: string, number, integer, boolean, object, array or json.",
        ),
    ] = None,
    as_json: Annotated[
        bool,
        option("--json", help="Print one JSON object per text: value and type."),
    ] = False,
) -> None:
    """Convert the text of a variable, and show the value and its type."""
    for line in read_lines(text) if text == "-" else [text]:
        value = coerce_text(line, mode, hint)  # type: ignore[arg-type]
        type_name = _type_name(value)
        if as_json:
            print_json({"value": value, "type": type_name})
        else:
            print_text(f"{type_name:<8} {json.dumps(value, ensure_ascii=False)}")


def _type_name(value: object) -> str:
    view = debug_view([{"name": "value", "value": value, "scope": "session"}])
    return view["value"]["type"]
