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
    """The exit code of a command."""

    OK = 0
    """Success."""
    FINDINGS = 1
    """Issues were found in the data."""
    USAGE = 2
    """The command is invalid, or a file cannot be read or written."""
    REMOTE = 3
    """The network or the server failed. A retry may succeed."""
    REFUSED = 4
    """The server rejected the request."""
    INTERRUPTED = 130
    """Ctrl-C."""


EXIT_CODES_HELP = """\
Exit codes: 0 success; 1 issues found; 2 invalid command, or a file cannot be read or written; \
3 network or server error, a retry may succeed; 4 the server rejected the request; \
130 interrupted."""

_REMOTE_ERRORS = (
    NetworkError,
    DeadlineError,
    ServerError,
    RateLimitError,
    ProtocolError,
)


def exit_code_for(error: CognigyError) -> ExitCode:
    """Returns the exit code for an error.

    Args:
        error: The error of the command.

    Returns:
        ExitCode: ``FINDINGS`` for invalid data, ``USAGE`` for invalid settings, ``REMOTE``
        for a failure of the network or the server, a rate limit or a deadline,
        ``REFUSED`` for any other rejected request.
    """
    if isinstance(error, ValidationError):
        return ExitCode.FINDINGS
    if isinstance(error, ConfigurationError):
        return ExitCode.USAGE
    return ExitCode.REMOTE if isinstance(error, _REMOTE_ERRORS) else ExitCode.REFUSED
