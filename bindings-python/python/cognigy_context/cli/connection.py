"""The connection options of a command, and the client that they configure."""

import inspect
import logging
from collections.abc import Callable
from functools import partial, wraps
from typing import Annotated, Any, get_type_hints

from .. import Client, ConfigurationError
from .output import print_problem
from .parameters import option

_option = partial(option, panel="Connection options")


def _settings(
    base_url: Annotated[
        str | None,
        _option(
            help="URL of the tenant's API (default: COGNIGY_BASE_URL).", metavar="URL"
        ),
    ] = None,
    api_key: Annotated[
        str | None, _option(help="API key (default: COGNIGY_API_KEY).", metavar="KEY")
    ] = None,
    bearer_token: Annotated[
        str | None, _option(help="Bearer token.", metavar="TOKEN")
    ] = None,
    client_id: Annotated[
        str | None,
        _option(help="OAuth 2 client id (default: COGNIGY_CLIENT_ID).", metavar="ID"),
    ] = None,
    client_secret: Annotated[
        str | None,
        _option(
            help="OAuth 2 client secret (default: COGNIGY_CLIENT_SECRET).",
            metavar="SECRET",
        ),
    ] = None,
    tenant_id: Annotated[
        str | None,
        _option(help="Tenant id (default: COGNIGY_TENANT_ID).", metavar="ID"),
    ] = None,
    deadline: Annotated[
        float | None,
        _option(
            help="Deadline of a call with all retries in seconds (default: 60).",
            metavar="SECONDS",
        ),
    ] = None,
    max_retries: Annotated[
        int | None,
        _option(
            help="Maximum number of retries of a call (default: 3).", metavar="COUNT"
        ),
    ] = None,
    rate: Annotated[
        str | None,
        _option(
            help="Maximum number of requests in a period, or off for no limit "
            "(default: 100/60; for inject --user-id 1000/300).",
            metavar="COUNT/SECONDS",
        ),
    ] = None,
) -> dict[str, Any]:
    """Returns the given options as arguments of :class:`Client`, with ``None`` for no rate limit."""
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
            "--rate must be COUNT/SECONDS, for example 100/60, or off for no limit"
        ) from None


class _LogPrinter(logging.Handler):
    """Prints the log messages of the library, except those of failed calls."""

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        # The command prints its own errors.
        if not message.startswith("API call failed"):
            print_problem(message)


def _print_logs() -> None:
    logger = logging.getLogger("cognigy_context")
    if not any(isinstance(handler, _LogPrinter) for handler in logger.handlers):
        logger.addHandler(_LogPrinter())


def with_client(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the connection options to a command, which gets a client instead of them.

    Args:
        command: Takes the :class:`Client` as its first argument. The client is closed
            after the command.

    Returns:
        The command for typer.
    """
    options = inspect.signature(_settings).parameters
    command_parameters = inspect.signature(command).parameters
    own = list(command_parameters.values())[1:]
    has_concurrency = "concurrency" in command_parameters

    @wraps(command)
    def run(**arguments: Any) -> None:
        settings = _settings(**{name: arguments.pop(name) for name in options})
        if has_concurrency and arguments["concurrency"] is not None:
            settings["max_concurrent"] = arguments["concurrency"]
        _print_logs()
        with Client(**settings) as client:
            command(client, **arguments)

    # Typer reads this signature. Keyword-only parameters can have any order.
    parameters = [*own, *options.values()]
    keywords = [it.replace(kind=inspect.Parameter.KEYWORD_ONLY) for it in parameters]
    run.__signature__ = inspect.Signature(keywords)  # type: ignore[attr-defined]
    hints = get_type_hints(command, include_extras=True)
    hints |= get_type_hints(_settings, include_extras=True)
    names = {it.name for it in keywords}
    run.__annotations__ = {name: hint for name, hint in hints.items() if name in names}
    # Otherwise inspect and typing would read the signature of the wrapped command.
    del run.__wrapped__
    return run
