"""The options and arguments of the typer commands.

Each help text states the default itself, because typer would show ``[default: None]``.
"""

from typing import Any

import typer


def option(
    *names: str, help: str, metavar: str | None = None, panel: str | None = None
) -> Any:
    """Returns an option.

    Args:
        names: The option strings. Default: derived from the parameter name.
        help: A sentence with a period. It ends with ``(default: VALUE)`` if there is a default.
        metavar: The placeholder of the value; none for a flag.
        panel: The heading above the option. Default: ``Options``.
    """
    return typer.Option(
        *names, help=help, metavar=metavar, rich_help_panel=panel, show_default=False
    )


def argument(metavar: str, help: str) -> Any:
    """Returns an argument.

    Args:
        metavar: The placeholder of the value, without brackets.
        help: A sentence with a period.
    """
    return typer.Argument(metavar=metavar, help=help, show_default=False)


SESSION: Any = argument("SESSION", "Session id.")
JSON_FILE: Any = argument("FILE", "JSON file; - reads standard input.")
