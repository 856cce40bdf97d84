"""All commands, as a typer application."""

from collections.abc import Sequence
from typing import Annotated

import typer

from .. import CognigyError, ValidationError, __version__
from . import (
    check,
    coerce,
    inject,
    inject_many,
    inspect,
    journal,
    measure,
    sandbox,
    serve,
    snapshot,
    sync,
    update_state,
)
from .exit_codes import EXIT_CODES_HELP, ExitCode, exit_code_for
from .files import UsageError
from .help_text import HELP_OPTIONS, PROGRAM, examples_epilog
from .output import print_json, print_problem, print_report

app: typer.Typer = typer.Typer(
    name=PROGRAM,
    help="Check, measure and send the context variables of NICE Cognigy.AI.",
    epilog=f"{examples_epilog(check.EXAMPLES[:1] + inject.EXAMPLES[:1])}\n\n{EXIT_CODES_HELP}",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": list(HELP_OPTIONS)},
)
for _module, _command in (
    (check, check.check),
    (measure, measure.measure),
    (coerce, coerce.coerce),
    (inject, inject.inject),
    (inject_many, inject_many.inject_many),
    (snapshot, snapshot.snapshot),
    (sync, sync.sync),
    (update_state, update_state.update_state),
    (inspect, inspect.inspect),
):
    # The text for coerce may look like an option, for example -1.5.
    _settings = {"ignore_unknown_options": _module is coerce}
    _epilog = examples_epilog(_module.EXAMPLES)
    app.command(context_settings=_settings, epilog=_epilog)(_command)

app.add_typer(journal.app, name="journal")

# These commands parse their options themselves, because they must also run without typer.
_PASS_ALL_OPTIONS = {"ignore_unknown_options": True, "allow_extra_args": True}


@app.command("sandbox", context_settings=_PASS_ALL_OPTIONS, add_help_option=False)
def _sandbox(context: typer.Context) -> None:
    """Run a local tenant for development until Ctrl-C."""
    raise typer.Exit(sandbox.main(context.args))


@app.command("serve", context_settings=_PASS_ALL_OPTIONS, add_help_option=False)
def _serve(context: typer.Context) -> None:
    """Run the web-messaging webhook service until Ctrl-C (extra: service)."""
    raise typer.Exit(serve.main(context.args))


def _print_version(is_requested: bool) -> None:
    if is_requested:
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
        arguments: The command line without the program name.

    Returns:
        int: The exit code, one of :class:`ExitCode`.
    """
    try:
        app(list(arguments), prog_name=PROGRAM)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else ExitCode.OK
    except ValidationError as error:
        if "--json" in arguments:
            print_json(error.report.to_dict())
        else:
            print_report(error.report, sizes=False)
        return ExitCode.FINDINGS
    except UsageError as error:
        print_problem(str(error))
        return ExitCode.USAGE
    except CognigyError as error:
        print_problem(str(error))
        return exit_code_for(error)
    return ExitCode.OK
