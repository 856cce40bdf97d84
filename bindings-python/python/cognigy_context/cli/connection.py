"""The options by which a command reaches a tenant, and the client that they make."""

import inspect
import logging
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, get_type_hints

import typer

from .. import Client, ConfigurationError
from .output import print_problem

_PANEL = "The tenant"


def _option(*names: str, help: str, metavar: str | None = None) -> Any:
    return typer.Option(
        *names, help=help, metavar=metavar, rich_help_panel=_PANEL, show_default=False
    )


def _settings(
    base_url: Annotated[
        str | None,
        _option(help="address of the tenant's API, or COGNIGY_BASE_URL", metavar="URL"),
    ] = None,
    api_key: Annotated[
        str | None, _option(help="API key, or COGNIGY_API_KEY", metavar="KEY")
    ] = None,
    bearer_token: Annotated[
        str | None, _option(help="a token that is ready to be sent", metavar="TOKEN")
    ] = None,
    client_id: Annotated[
        str | None, _option(help="OAuth2 client, or COGNIGY_CLIENT_ID", metavar="ID")
    ] = None,
    client_secret: Annotated[
        str | None,
        _option(help="its secret, or COGNIGY_CLIENT_SECRET", metavar="SECRET"),
    ] = None,
    tenant_id: Annotated[
        str | None, _option(help="organisation, or COGNIGY_TENANT_ID", metavar="ID")
    ] = None,
    deadline: Annotated[
        float | None, _option(help="time for a whole call", metavar="SECONDS")
    ] = None,
    max_retries: Annotated[
        int | None, _option(help="how often a call is tried again", metavar="COUNT")
    ] = None,
    rate: Annotated[
        str | None,
        _option(
            help="most requests in so many seconds, as 100/60; off for no limit",
            metavar="COUNT/SECONDS",
        ),
    ] = None,
) -> dict[str, Any]:
    given = dict(locals())
    settings = {name: value for name, value in given.items() if value is not None}
    if rate is not None:
        settings["rate"] = settings["platform_rate"] = _rate(rate)
    return settings


def _rate(text: str) -> tuple[int, float] | None:
    if text == "off":
        return None
    count, _, seconds = text.partition("/")
    try:
        return int(count), float(seconds)
    except ValueError:
        raise ConfigurationError(
            "--rate takes a count and seconds, as 100/60, or off"
        ) from None


class _Log(logging.Handler):
    """Tells of what goes wrong in the background."""

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        # The command tells of its own calls.
        if not message.startswith("API call failed"):
            print_problem(message)


def _listen() -> None:
    logger = logging.getLogger("cognigy_context")
    if not any(isinstance(handler, _Log) for handler in logger.handlers):
        logger.addHandler(_Log())


def connected(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options of a connection, and the client that they make.

    Args:
        command: Takes the :class:`Client` first, which is closed when it ends.

    Returns:
        The command as typer is to see it.
    """
    options = inspect.signature(_settings).parameters
    given = inspect.signature(command).parameters
    own = list(given.values())[1:]
    takes_concurrency = "concurrency" in given

    @wraps(command)
    def run(**arguments: Any) -> None:
        settings = _settings(**{name: arguments.pop(name) for name in options})
        if takes_concurrency and arguments["concurrency"] is not None:
            settings["max_concurrent"] = arguments["concurrency"]
        _listen()
        with Client(**settings) as client:
            command(client, **arguments)

    # What typer reads. All are named, so that their order is free.
    parameters = [*own, *options.values()]
    keywords = [it.replace(kind=inspect.Parameter.KEYWORD_ONLY) for it in parameters]
    run.__signature__ = inspect.Signature(keywords)  # type: ignore[attr-defined]
    hints = get_type_hints(command, include_extras=True)
    hints |= get_type_hints(_settings, include_extras=True)
    names = {it.name for it in keywords}
    run.__annotations__ = {name: hint for name, hint in hints.items() if name in names}
    # Else inspect and typing would look at the command itself.
    del run.__wrapped__
    return run
