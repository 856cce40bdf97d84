"""The command ``sandbox``: runs a local tenant. It requires no extra."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import Any

from .._errors import ConfigurationError
from ..testing import Sandbox
from .exit_codes import ExitCode
from .help_text import argument_parser

EXAMPLES = ("sandbox", "sandbox --port 0 --api-key my-key")

# A fixed port, so that the URL is the same after each start.
_DEFAULT_PORT = 8900
_HELP_TEXTS = {
    "host": "Address to listen on",
    "api_key": "Accepted API key",
    "client_id": "Accepted OAuth 2 client id",
    "client_secret": "Accepted OAuth 2 client secret",
    "context_limit": "Maximum size of a context in platform bytes",
    "body_limit": "Maximum size of a request body in bytes",
}
_METAVARS = {
    "host": "ADDRESS",
    "api_key": "KEY",
    "client_id": "ID",
    "client_secret": "SECRET",
    "context_limit": "BYTES",
    "body_limit": "BYTES",
}


def main(arguments: Sequence[str]) -> int:
    """Runs the sandbox until Ctrl-C or a termination signal.

    Args:
        arguments: The command line after ``sandbox``.

    Returns:
        int: ``ExitCode.OK``, or ``ExitCode.USAGE`` when the sandbox cannot listen or an
        option is invalid.
    """
    try:
        options = vars(_parser().parse_args(arguments))
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else ExitCode.USAGE
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    # Before the banner, so that a signal after it finds the handlers.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        sandbox = Sandbox(**options)
    except ConfigurationError as error:
        print(f"cognigy-context: {error}", file=sys.stderr)
        return ExitCode.USAGE
    except OSError as error:
        address = f"{options['host']}:{options['port']}"
        print(
            f"cognigy-context: cannot listen on {address}: {error}. "
            "Pass another --host or --port.",
            file=sys.stderr,
        )
        return ExitCode.USAGE
    with sandbox:
        print(sandbox.banner(), flush=True)
        while not stopped.wait(0.1):
            pass
    return ExitCode.OK


def _parser() -> argparse.ArgumentParser:
    parser, group = argument_parser(
        "cognigy-context sandbox",
        "Run a local tenant for development until Ctrl-C.",
        EXAMPLES,
    )
    group.add_argument(
        "--port",
        metavar="PORT",
        type=int,
        default=_DEFAULT_PORT,
        help="Port to listen on; 0 selects a free one (default: %(default)s).",
    )
    defaults: dict[str, Any] = Sandbox.defaults()
    for name, text in _HELP_TEXTS.items():
        default = defaults[name]
        group.add_argument(
            "--" + name.replace("_", "-"),
            metavar=_METAVARS[name],
            type=type(default),
            default=default,
            help=f"{text} (default: %(default)s).",
        )
    return parser
