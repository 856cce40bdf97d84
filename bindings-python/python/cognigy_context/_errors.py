"""The exceptions: one root, and a class for each way in which a call fails.

No message holds a value, a secret, or a session id in the clear.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._core import Issue, Report


class CognigyError(Exception):
    """The root of all errors of this library.

    Args:
        message: What happened, and what to do about it.

    Attributes:
        operation: Which operation failed, for example ``"inject_context"``.
        status: The HTTP status, when there was an answer.
        session: The SHA-256 of the session id, when the operation was about a session.
        attempts: How many times the request was sent; 0 when nothing was sent.
        retryable: Whether the same call may well succeed later.
        hint: What to do about it.
        code: The platform's own error code, when it gave one.
        trace_id: The platform's trace id, when it gave one.
        retry_after: Seconds after which the server wants to be asked again, when it said so.
        current_tag: For a conflict, the tag of what is there now, when the server told it.
        during_token: Whether it was the request for a token that failed, so that the operation was
            not sent.

    Example:
        >>> from cognigy_context import Client, CognigyError
        >>> try:  # doctest: +SKIP
        ...     client.inject_context("session-1", "user-1", {"tier": "gold"})
        ... except CognigyError as error:
        ...     print(error, error.retryable)
    """

    def __init__(
        self,
        message: str = "",
        *,
        operation: str | None = None,
        status: int | None = None,
        session: str | None = None,
        attempts: int = 0,
        retryable: bool = False,
        hint: str | None = None,
        code: int | str | None = None,
        trace_id: str | None = None,
        retry_after: float | None = None,
        current_tag: str | None = None,
        during_token: bool = False,
    ) -> None:
        super().__init__(message)
        self.operation = operation
        self.status = status
        self.session = session
        self.attempts = attempts
        self.retryable = retryable
        self.hint = hint
        self.code = code
        self.trace_id = trace_id
        self.retry_after = retry_after
        self.current_tag = current_tag
        self.during_token = during_token


class ValidationError(CognigyError, ValueError):
    """Data was not fit to be sent, or the platform did not keep it. ``str`` is a list to read.

    Args:
        report: What the check found.

    Attributes:
        report: What the check found.
        issues: The report's issues: errors, and warnings.

    Example:
        >>> from cognigy_context import ValidationError, check
        >>> try:
        ...     check({"": 1}).raise_if_failed()
        ... except ValidationError as error:
        ...     error.issues[0].code
        'invalid_name'
    """

    def __init__(self, report: "Report") -> None:
        super().__init__(str(report))
        self.args: tuple[Any, ...] = (report,)
        self.report = report

    @property
    def issues(self) -> "tuple[Issue, ...]":
        """The report's issues: errors, and warnings."""
        return self.report.issues


class ConfigurationError(CognigyError, ValueError):
    """A client or a policy was set up wrongly; the message says what to give."""


class AuthenticationError(CognigyError):
    """401: the credentials were not accepted."""


class PermissionDeniedError(CognigyError):
    """403: the credentials were accepted, but do not allow this."""


class SessionNotFoundError(CognigyError):
    """404: there is no such session. It exists once its user has sent a message."""


class ConflictError(CognigyError):
    """409: somebody else changed it meanwhile."""


class StateConflictError(ConflictError):
    """409 or 412: the dialog's state has changed. ``current_tag`` is the tag that it has now."""


class RateLimitError(CognigyError):
    """429: too many requests. ``retry_after`` says how long to wait, when the server said so."""


class BadRequestError(CognigyError):
    """Any other 4xx: the server refused the request as it is."""


class ServerError(CognigyError):
    """5xx: the server failed."""


class NetworkError(CognigyError, ConnectionError):
    """The server could not be reached, or the connection broke."""


class DeadlineError(CognigyError, TimeoutError):
    """The time for the call ran out. The request may have taken effect all the same."""


class ProtocolError(CognigyError):
    """The answer is not what the API promises."""


# By the name that the core gives each kind of failure. A test holds the two lists equal.
CLASS_OF_KIND = {
    "authentication": AuthenticationError,
    "permission_denied": PermissionDeniedError,
    "session_not_found": SessionNotFoundError,
    "conflict": ConflictError,
    "state_conflict": StateConflictError,
    "rate_limit": RateLimitError,
    "bad_request": BadRequestError,
    "server": ServerError,
    "network": NetworkError,
    "deadline": DeadlineError,
    "protocol": ProtocolError,
}

# Users meet these under the package's own name, in tracebacks and in pickles.
for _class in (
    CognigyError,
    ValidationError,
    ConfigurationError,
    *CLASS_OF_KIND.values(),
):
    _class.__module__ = "cognigy_context"
del _class
