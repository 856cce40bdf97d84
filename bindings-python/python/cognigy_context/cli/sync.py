"""``sync``: data into a session's context document."""

import json
from typing import Annotated

import typer

from .. import Client
from .connection import connected
from .output import print_json, print_text
from .values import read_object


@connected
def sync(
    client: Client,
    session_id: Annotated[str, typer.Argument(metavar="SESSION")],
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="a JSON object; - is the standard input"),
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="print the document on one line")
    ] = False,
) -> None:
    """Merge data into a session's context document, and print the document that results."""
    document = client.sync_context(session_id, read_object(file))
    if as_json:
        print_json(document)
    else:
        print_text(json.dumps(document, ensure_ascii=False, indent=2))
