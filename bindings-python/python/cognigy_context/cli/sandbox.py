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

# Where a sandbox that people start by hand is found; one in tests takes a free port.
_PORT = 8900
_TEXTS = {
    "host": "Address to listen on",
    "api_key": "Accepted API key",
    "client_id": "Accepted OAuth 2 client id",
    "client_secret": "Accepted OAuth 2 client secret",
    "context_limit": "Maximum size of a context in platform bytes",
    "body_limit": "Maximum size of a request body in bytes",
}


def main(arguments: Sequence[str]) -> int:
    """Runs the sandbox until Ctrl-C or a termination signal.

    Args:
        arguments: The command line after ``sandbox``.

    Returns:
        int: ``ExitCode.OK``, or ``ExitCode.USAGE`` where it cannot listen or an option is wrong.
    """
    try:
        options = vars(_parser().parse_args(arguments))
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else ExitCode.USAGE
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    # Before anyone can be told that it runs, so that no signal finds the handlers missing.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        sandbox = Sandbox(**options)
    except (OSError, ConfigurationError) as error:
        place = f"{options['host']}:{options['port']}"
        print(
            f"cognigy-context: cannot listen on {place}: {error}. "
            "Choose another with --host or --port.",
            file=sys.stderr,
        )
        return ExitCode.USAGE
    with sandbox:
        print(sandbox.welcome(), flush=True)
        while not stopped.wait(0.1):
            pass
    return ExitCode.OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cognigy-context sandbox",
        description="Run a local tenant for development until Ctrl-C.",
    )
    parser.add_argument(
        "--port",
        type=int,
        default=_PORT,
        help="Port to listen on; 0 selects a free one (default: %(default)s).",
    )
    defaults: dict[str, Any] = Sandbox.defaults()
    for name, text in _TEXTS.items():
        default = defaults[name]
        option = "--" + name.replace("_", "-")
        parser.add_argument(
            option,
            type=type(default),
            default=default,
            help=f"{text} (default: %(default)s).",
        )
    return parser
