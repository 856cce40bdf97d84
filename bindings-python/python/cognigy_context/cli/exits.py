"""The exit codes, and which error ends in which."""

from enum import IntEnum

from .. import (
    CognigyError,
    ConfigurationError,
    DeadlineError,
    NetworkError,
    ProtocolError,
    RateLimitError,
    ServerError,
    ValidationError,
)


class Exit(IntEnum):
    """What the program tells its caller."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    REMOTE = 3
    REFUSED = 4
    INTERRUPTED = 130


EXIT_CODES = """\
Exit codes: 0 all is well; 1 issues were found; 2 the command is wrong or a file cannot be read or \
written; 3 the network or the server failed, and the same may succeed later; 4 the server refused \
the request; 130 interrupted."""

_PASSING = (NetworkError, DeadlineError, ServerError, RateLimitError, ProtocolError)


def exit_of(error: CognigyError) -> Exit:
    """The exit code that an error ends in.

    Args:
        error: What ended the command.

    Returns:
        Exit: ``FINDINGS`` for data, ``USAGE`` for settings, ``REMOTE`` for what the network or the
        server failed at, ``REFUSED`` for everything that the server answered with a refusal.
    """
    if isinstance(error, ValidationError):
        return Exit.FINDINGS
    if isinstance(error, ConfigurationError):
        return Exit.USAGE
    return Exit.REMOTE if isinstance(error, _PASSING) else Exit.REFUSED
