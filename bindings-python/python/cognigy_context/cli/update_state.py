"""``update-state``: the state of a dialog."""

from typing import Annotated, Any

import typer

from .. import Client, StateUpdate
from .connection import connected
from .files import UnreadableError
from .output import print_json, print_text
from .values import read_object


@connected
def update_state(
    client: Client,
    dialog_id: Annotated[str, typer.Argument(metavar="DIALOG")],
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE]",
            help="JSON: session and user, each names and values, and next_step; "
            "- is the standard input",
        ),
    ] = None,
    next_step: Annotated[
        str | None, typer.Option(metavar="STEP", help="where the dialog goes on")
    ] = None,
    if_match: Annotated[
        str | None,
        typer.Option(metavar="TAG", help="only where the state has this tag"),
    ] = None,
    rebase: Annotated[
        bool,
        typer.Option("--rebase", help="on a conflict, try again on what is there now"),
    ] = False,
    parts: Annotated[
        bool,
        typer.Option("--parts", help="in several requests where one does not do"),
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="print tag and answer of each request as JSON"),
    ] = False,
) -> None:
    """Update the state of a dialog: its session and user variables, and its next step."""
    update = StateUpdate(**_fields(file, next_step))
    if parts:
        updated = client.update_state_parts(dialog_id, update, if_match, rebase)
    else:
        updated = [client.update_state(dialog_id, update, if_match, rebase)]
    for part in updated:
        if as_json:
            print_json({"tag": part.tag, "result": part.result})
        else:
            tag = part.tag or "none"
            print_text(f"state updated in {part.latency_ms:.1f} ms, tag {tag}")


def _fields(file: str | None, next_step: str | None) -> dict[str, Any]:
    fields = {} if file is None else read_object(file)
    unknown = fields.keys() - {"session", "user", "next_step"}
    if unknown:
        raise UnreadableError(
            f"{file}: an update holds session, user and next_step, and nothing else"
        )
    if next_step is not None:
        fields["next_step"] = next_step
    for name in ("session", "user"):
        if not isinstance(fields.get(name, {}), dict):
            raise UnreadableError(f"{file}: {name} holds no JSON object")
    if not isinstance(fields.get("next_step", ""), str):
        raise UnreadableError(f"{file}: next_step holds no text")
    return fields
