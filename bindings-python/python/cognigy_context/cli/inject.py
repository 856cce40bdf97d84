"""``inject``: variables into a session."""

from typing import Annotated, Any

import typer

from .. import Client, InjectionPayload
from .connection import connected
from .files import UnreadableError, read
from .output import print_json, print_text
from .values import assigned, json_of


@connected
def inject(
    client: Client,
    session_id: Annotated[str, typer.Argument(metavar="SESSION")],
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE]",
            help="JSON: names and values, or a list of variables with key, value, scope and "
            "expires_at; - is the standard input",
        ),
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="a variable; 42 and true are no text"
        ),
    ] = None,
    scope: Annotated[
        str | None,
        typer.Option(
            help="session, user or global, for variables that do not say it",
        ),
    ] = None,
    user_id: Annotated[
        str | None,
        typer.Option(
            metavar="USER",
            help="the session's user: writes the variables as keys of the context, by the "
            "platform's own route",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="print what the server answered as JSON")
    ] = False,
) -> None:
    """Inject variables into a session, after checking them."""
    given = [] if file is None else json_of(read(file))
    named = assigned(assignments or [])
    if user_id is not None:
        _inject_context(client, session_id, user_id, given or {}, named, scope, as_json)
        return
    variables = [*_variables(given), *_variables(named)]
    if not variables:
        raise UnreadableError("nothing to inject: give a FILE, or --set NAME=VALUE")
    result = client.inject(
        InjectionPayload(session_id, [_scoped(it, scope) for it in variables])
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
    given: Any,
    named: dict[str, Any],
    scope: str | None,
    as_json: bool,
) -> None:
    if scope is not None:
        raise UnreadableError("--scope is not for a context: leave it, or --user-id")
    if not isinstance(given, dict):
        raise UnreadableError("a context is a JSON object of names and values")
    keys = {**given, **named}
    if not keys:
        raise UnreadableError("nothing to inject: give a FILE, or --set NAME=VALUE")
    context = client.inject_context(session_id, user_id, keys)
    if as_json:
        print_json(context)
    else:
        print_text(f"keys injected: {len(keys)}; the context has {len(context)}")


def _variables(given: Any) -> list[Any]:
    if isinstance(given, dict):
        return [{"key": key, "value": value} for key, value in given.items()]
    if isinstance(given, list):
        return given
    raise UnreadableError("variables are a JSON object or a list")


def _scoped(variable: Any, scope: str | None) -> Any:
    if scope is None or not isinstance(variable, dict) or "scope" in variable:
        return variable
    return {**variable, "scope": scope}
