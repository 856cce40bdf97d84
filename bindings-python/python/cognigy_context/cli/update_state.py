"""The command ``update-state``: updates the state of a dialog."""

from typing import Annotated, Any

from .. import Client, StateUpdate
from .connection import with_client
from .files import UsageError
from .output import print_json, print_text
from .parameters import argument, option
from .values import read_object

EXAMPLES = (
    "update-state dialog-1 update.json",
    "update-state dialog-1 --next-step payment",
    "update-state dialog-1 update.json --if-match TAG --rebase",
)


@with_client
def update_state(
    client: Client,
    dialog_id: Annotated[str, argument("DIALOG", "Dialog id.")],
    file: Annotated[
        str | None,
        argument(
            "FILE",
            "JSON file: an object with session and user (objects of names and values) and "
            "next_step; - reads standard input.",
        ),
    ] = None,
    next_step: Annotated[
        str | None, option(metavar="STEP", help="Next step of the dialog.")
    ] = None,
    if_match: Annotated[
        str | None,
        option(metavar="TAG", help="Update the state only if it has this ETag."),
    ] = None,
    rebase: Annotated[
        bool,
        option(
            "--rebase", help="On a conflict, apply the update to the current state."
        ),
    ] = False,
    parts: Annotated[
        bool,
        option(
            "--parts", help="Split an update that is too large into several requests."
        ),
    ] = False,
    as_json: Annotated[
        bool,
        option("--json", help="Print the ETag and response of each request as JSON."),
    ] = False,
) -> None:
    """Update the session and user variables and the next step of a dialog."""
    update = StateUpdate(**_fields(file, next_step))
    if parts:
        results = client.update_state_parts(dialog_id, update, if_match, rebase)
    else:
        results = [client.update_state(dialog_id, update, if_match, rebase)]
    for result in results:
        if as_json:
            print_json({"tag": result.tag, "result": result.result})
        else:
            tag = result.tag or "none"
            print_text(f"state updated in {result.latency_ms:.1f} ms, ETag {tag}")


def _fields(file: str | None, next_step: str | None) -> dict[str, Any]:
    fields = {} if file is None else read_object(file)
    unknown = fields.keys() - {"session", "user", "next_step"}
    if unknown:
        raise UsageError(f"{file}: unknown field. Use session, user and next_step.")
    if next_step is not None:
        fields["next_step"] = next_step
    for name in ("session", "user"):
        if not isinstance(fields.get(name, {}), dict):
            raise UsageError(f"{file}: {name} must be a JSON object")
    if not isinstance(fields.get("next_step", ""), str):
        raise UsageError(f"{file}: next_step must be a string")
    return fields
