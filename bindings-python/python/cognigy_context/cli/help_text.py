"""The parts of the help texts that all commands share.

Each help text is a sentence with a period. A default is written as ``(default: VALUE)``.
"""

import argparse
from collections.abc import Iterable
from typing import Any

PROGRAM = "cognigy-context"
HELP_OPTIONS = ("-h", "--help")
_SHOW_HELP = "Show this message and exit."


def examples_epilog(examples: Iterable[str]) -> str:
    """Returns the section "Examples" for a command of typer.

    Args:
        examples: Command lines without the program name.

    Returns:
        str: One paragraph per line, because typer joins the lines of a paragraph.
    """
    return "\n\n".join(["Examples:", *(f"$ {PROGRAM} {it}" for it in examples)])


def argument_parser(
    program: str, description: str, examples: Iterable[str], notes: str = ""
) -> tuple[argparse.ArgumentParser, Any]:
    """Returns a parser whose help looks like that of the typer commands.

    Args:
        program: The command with the program name.
        description: What the command does.
        examples: Command lines without the program name.
        notes: The text after the examples. Default: none.

    Returns:
        tuple: The parser, and its group for options.
    """
    lines = ["Examples:", *(f"  $ {PROGRAM} {it}" for it in examples)]
    parser = argparse.ArgumentParser(
        prog=program,
        usage="%(prog)s [OPTIONS]",
        description=description,
        epilog="\n".join([*lines, "", notes] if notes else lines),
        formatter_class=_HelpFormatter,
        add_help=False,
    )
    options = parser.add_argument_group("Options")
    options.add_argument(*HELP_OPTIONS, action="help", help=_SHOW_HELP)
    return parser, options


class _HelpFormatter(argparse.RawDescriptionHelpFormatter):
    def add_usage(
        self, usage: Any, actions: Any, groups: Any, prefix: str | None = None
    ) -> None:
        super().add_usage(usage, actions, groups, prefix or "Usage: ")
