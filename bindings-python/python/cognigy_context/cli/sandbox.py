"""``sandbox``: a tenant in the foreground. It needs no extra, so that tests of any project can start
one from the plain wheel."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import Any

from .._errors import ConfigurationError
from ..testing import Sandbox
from .exits import Exit

# Where a sandbox that people start by hand is found; one in tests takes a free port.
_PORT = 8900
_TEXTS = {
    "host": "the address to listen on",
    "api_key": "the API key that is accepted",
    "client_id": "the OAuth2 client that is accepted",
    "client_secret": "the OAuth2 client's secret",
    "context_limit": "the largest context, in platform bytes",
    "body_limit": "the largest request body, in bytes",
}


def main(arguments: Sequence[str]) -> int:
    """Serves until Ctrl-C or a signal to end.

    Args:
        arguments: The command line after ``sandbox``.

    Returns:
        int: ``Exit.OK``, or ``Exit.USAGE`` where it cannot listen or an option is wrong.
    """
    try:
        options = vars(_parser().parse_args(arguments))
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else Exit.USAGE
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
        return Exit.USAGE
    with sandbox:
        print(sandbox.welcome(), flush=True)
        while not stopped.wait(0.1):
            pass
    return Exit.OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cognigy-context sandbox",
        description="Run a tenant to develop against until Ctrl-C.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument(
        "--port", type=int, default=_PORT, help="the port; 0 takes a free one"
    )
    defaults: dict[str, Any] = Sandbox.defaults()
    for name, text in _TEXTS.items():
        default = defaults[name]
        option = "--" + name.replace("_", "-")
        parser.add_argument(option, type=type(default), default=default, help=text)
    return parser
