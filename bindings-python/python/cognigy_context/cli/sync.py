"""The command ``sync``: merges a JSON file into the context document of a session."""

import json
from typing import Annotated

from .. import Client
from .connection import with_client
from .output import print_json, print_text
from .parameters import SESSION, argument, option
from .values import read_object

EXAMPLES = ("sync session-1 data.json", "sync session-1 - --json < data.json")


@with_client
def sync(
    client: Client,
    session_id: Annotated[str, SESSION],
    file: Annotated[
        str,
        argument("FILE", "JSON file with an object; - reads standard input."),
    ],
    as_json: Annotated[
        bool, option("--json", help="Print the document in one line.")
    ] = False,
) -> None:
    """Merge data into the context document of a session and print the result."""
    document = client.sync_context(session_id, read_object(file))
    if as_json:
        print_json(document)
    else:
        print_text(json.dumps(document, ensure_ascii=False, indent=2))
