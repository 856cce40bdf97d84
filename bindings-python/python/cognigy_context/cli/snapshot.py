"""The command ``snapshot``: shows the variables of a session."""

import json
from typing import Annotated, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .. import Client
from .connection import with_client
from .output import print_json, print_text
from .parameters import SESSION, option

EXAMPLES = ("snapshot session-1", "snapshot session-1 --scope user --json")


@with_client
def snapshot(
    client: Client,
    session_id: Annotated[str, SESSION],
    name: Annotated[
        str | None,
        option(metavar="NAME", help="Show only the variable with this name."),
    ] = None,
    scope: Annotated[
        str | None,
        option(metavar="SCOPE", help="Show only variables in this scope."),
    ] = None,
    include_system: Annotated[
        bool, option("--include-system", help="Include system variables.")
    ] = False,
    as_json: Annotated[
        bool, option("--json", help="Print variables and metrics as JSON.")
    ] = False,
) -> None:
    """Show the variables of a session: name, scope, type and value."""
    result = client.debug_snapshot(session_id, name, scope, include_system)
    if as_json:
        print_json(result)
        return
    rows = [_cells(*item) for item in result["variables"].items()]
    console = Console()
    if not console.is_terminal:
        for row in rows:
            print_text("\t".join(row))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("name", "scope", "type", "value"):
        table.add_column(column, overflow="fold")
    for row in rows:
        # Text disables markup, which a value may contain.
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def _cells(name: str, variable: Any) -> tuple[str, ...]:
    value = json.dumps(variable["value"], ensure_ascii=False)
    cells = (name, variable["scope"], variable["type"], value)
    # Escapes a cell with characters that could move the cursor or end the line.
    return tuple(cell if cell.isprintable() else ascii(cell) for cell in cells)
