"""The exit codes of the command line."""

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


class ExitCode(IntEnum):
    """The exit codes."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    REMOTE = 3
    REFUSED = 4
    INTERRUPTED = 130


EXIT_CODES = """\
Exit codes: 0 success; 1 issues found; 2 invalid command, or a file cannot be read or written; \
3 network or server error, a retry may succeed; 4 the server rejected the request; \
130 interrupted."""

_TRANSIENT = (NetworkError, DeadlineError, ServerError, RateLimitError, ProtocolError)


def exit_code_for(error: CognigyError) -> ExitCode:
    """Returns the exit code for an error.

    Args:
        error: The error of the command.

    Returns:
        ExitCode: ``FINDINGS`` for invalid data, ``USAGE`` for invalid settings, ``REMOTE`` for a network
        or server error, ``REFUSED`` for a request that the server rejected.
    """
    if isinstance(error, ValidationError):
        return ExitCode.FINDINGS
    if isinstance(error, ConfigurationError):
        return ExitCode.USAGE
    return ExitCode.REMOTE if isinstance(error, _TRANSIENT) else ExitCode.REFUSED
