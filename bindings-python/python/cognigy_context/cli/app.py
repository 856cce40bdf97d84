"""All commands, as a typer application."""

from collections.abc import Sequence
from typing import Annotated

import typer

from .. import CognigyError, ValidationError, __version__
from . import sandbox as sandbox_command
from . import serve as serve_command
from .check import check
from .coerce import coerce
from .exit_codes import EXIT_CODES, ExitCode, exit_code_for
from .files import UsageError
from .inject import inject
from .inject_many import inject_many
from .inspect import inspect
from .measure import measure
from .output import print_json, print_problem, print_report
from .snapshot import snapshot
from .sync import sync
from .update_state import update_state

app: typer.Typer = typer.Typer(
    name="cognigy-context",
    help="Checks, measures and sends the context variables of NICE Cognigy.AI.",
    epilog=EXIT_CODES,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command()(check)
app.command()(measure)
# Accepts texts such as -1.5, which look like options.
app.command(context_settings={"ignore_unknown_options": True})(coerce)
for _command in (inject, inject_many, snapshot, sync, update_state, inspect):
    app.command()(_command)

# These commands parse their own options, because they run without typer, too.
_PASSED_ON = {"ignore_unknown_options": True, "allow_extra_args": True}


@app.command(context_settings=_PASSED_ON, add_help_option=False)
def sandbox(context: typer.Context) -> None:
    """Run a local tenant for development until Ctrl-C."""
    raise typer.Exit(sandbox_command.main(context.args))


@app.command(context_settings=_PASSED_ON, add_help_option=False)
def serve(context: typer.Context) -> None:
    """Run the web-messaging webhook service (extra: service)."""
    raise typer.Exit(serve_command.main(context.args))


def _print_version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Print the version and exit.",
        ),
    ] = False,
) -> None:
    pass


def run(arguments: Sequence[str]) -> int:
    """Runs a command.

    Args:
        arguments: The command line without the program's name.

    Returns:
        int: The exit code, one of :class:`ExitCode`.
    """
    try:
        app(list(arguments), prog_name="cognigy-context")
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else ExitCode.OK
    except ValidationError as error:
        if "--json" in arguments:
            print_json(error.report.to_dict())
        else:
            print_report(error.report, sizes=False)
        return ExitCode.FINDINGS
    except UsageError as problem:
        print_problem(str(problem))
        return ExitCode.USAGE
    except CognigyError as error:
        print_problem(str(error))
        return exit_code_for(error)
    return ExitCode.OK
