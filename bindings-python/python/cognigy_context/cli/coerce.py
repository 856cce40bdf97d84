"""The command ``coerce``."""

import json
from typing import Annotated

import typer

from .. import coerce as coerce_text
from .. import debug_view
from .files import read_lines
from .output import print_json, print_text


def coerce(
    text: Annotated[
        str,
        typer.Argument(
            metavar="TEXT",
            help="Text to convert; - reads one text per line of standard input.",
        ),
    ],
    mode: Annotated[str, typer.Option(help="Mode: lossless or compat.")] = "lossless",
    hint: Annotated[
        str | None,
        typer.Option(
            help="Declared type: string, number, integer, boolean, object, array or json."
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON object per text: value and type."),
    ] = False,
) -> None:
    """Show the value and type that a variable's text becomes."""
    for line in read_lines(text) if text == "-" else [text]:
        value = coerce_text(line, mode, hint)  # type: ignore[arg-type]
        kind = _kind(value)
        if as_json:
            print_json({"value": value, "type": kind})
        else:
            print_text(f"{kind:<8} {json.dumps(value, ensure_ascii=False)}")


def _kind(value: object) -> str:
    view = debug_view([{"name": "value", "value": value, "scope": "session"}])
    return view["value"]["type"]
