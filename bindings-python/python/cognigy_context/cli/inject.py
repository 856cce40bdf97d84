"""The command ``inject``: injects variables into a session."""

from typing import Annotated, Any

from .. import Client, InjectionPayload
from .connection import with_client
from .files import UsageError, read
from .output import print_json, print_text
from .parameters import SESSION, argument, option
from .values import parse_assignments, parse_json

EXAMPLES = (
    "inject session-1 --set tier=gold --set visits=3",
    "inject session-1 variables.json --scope user",
    "inject session-1 context.json --user-id user-1",
)


@with_client
def inject(
    client: Client,
    session_id: Annotated[str, SESSION],
    file: Annotated[
        str | None,
        argument(
            "FILE",
            "JSON file: an object of names and values, or a list of variables with key, value, "
            "scope and expires_at (with --user-id an object); - reads standard input.",
        ),
    ] = None,
    assignments: Annotated[
        list[str] | None,
        option(
            "--set",
            metavar="NAME=VALUE",
            help="Variable to inject; the value is converted as by coerce. Repeatable.",
        ),
    ] = None,
    scope: Annotated[
        str | None,
        option(
            metavar="SCOPE",
            help="Scope of variables that have none: session, user or global "
            "(default: session).",
        ),
    ] = None,
    user_id: Annotated[
        str | None,
        option(
            metavar="USER",
            help="User id of the session; injects through the platform API (/new/v2.0).",
        ),
    ] = None,
    as_json: Annotated[
        bool, option("--json", help="Print the response as JSON.")
    ] = False,
) -> None:
    """Check variables and inject them into a session."""
    from_file = [] if file is None else parse_json(read(file))
    assigned = parse_assignments(assignments or [])
    if user_id is not None:
        _inject_context(
            client, session_id, user_id, from_file or {}, assigned, scope, as_json
        )
        return
    variables = [*_to_variables(from_file), *_to_variables(assigned)]
    if not variables:
        raise UsageError("no variables. Pass FILE or --set NAME=VALUE.")
    result = client.inject(
        InjectionPayload(session_id, [_with_scope(it, scope) for it in variables])
    )
    if as_json:
        fields = ("status", "latency_ms", "variables_injected", "result")
        print_json({name: getattr(result, name) for name in fields})
    else:
        print_text(
            f"variables injected: {result.variables_injected}, in {result.latency_ms:.1f} ms"
        )


def _inject_context(
    client: Client,
    session_id: str,
    user_id: str,
    from_file: Any,
    assigned: dict[str, Any],
    scope: str | None,
    as_json: bool,
) -> None:
    if scope is not None:
        raise UsageError(
            "--scope cannot be combined with --user-id: a context has no scopes. Omit one of them."
        )
    if not isinstance(from_file, dict):
        raise UsageError("the context must be a JSON object of names and values")
    values = {**from_file, **assigned}
    if not values:
        raise UsageError("no variables. Pass FILE or --set NAME=VALUE.")
    context = client.inject_context(session_id, user_id, values)
    if as_json:
        print_json(context)
    else:
        print_text(f"keys injected: {len(values)}; the context has {len(context)} keys")


def _to_variables(given: Any) -> list[Any]:
    if isinstance(given, dict):
        return [{"key": key, "value": value} for key, value in given.items()]
    if isinstance(given, list):
        return given
    raise UsageError(
        "the variables must be a JSON object of names and values, or a list of variables"
    )


def _with_scope(variable: Any, scope: str | None) -> Any:
    if scope is None or not isinstance(variable, dict) or "scope" in variable:
        return variable
    return {**variable, "scope": scope}
