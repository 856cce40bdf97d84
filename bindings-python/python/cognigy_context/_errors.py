"""The exceptions: one base class, and one class for each kind of failure.

Messages never contain a value, a secret or a session id.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._core import Issue, Report


class CognigyError(Exception):
    """Base class of the exceptions of this library.

    An attribute without a value is ``None``.

    Args:
        message: The problem, then what to do.
        operation: Name of the failed operation, for example ``"inject_context"``.
        status: HTTP status of the response, or ``None`` without a response.
        session: SHA-256 of the session id, or ``None`` for an operation without a session.
        attempts: Number of requests that were sent. Default 0.
        retryable: Whether a later call may succeed. Default ``False``.
        hint: What to do. Default ``None``.
        code: The platform's error code. Default ``None``.
        trace_id: The platform's trace id. Default ``None``.
        retry_after: Seconds to wait before a retry. Default ``None``: unknown.
        current_tag: ETag of the current version after a conflict. Default ``None``: unknown.
        during_token: Whether the token request failed, so that the operation was not sent.
            Default ``False``.

    Attributes:
        operation: Name of the failed operation.
        status: HTTP status of the response.
        session: SHA-256 of the session id.
        attempts: Number of requests that were sent.
        retryable: Whether a later call may succeed.
        hint: What to do.
        code: The platform's error code.
        trace_id: The platform's trace id.
        retry_after: Seconds to wait before a retry.
        current_tag: ETag of the current version after a conflict.
        during_token: Whether the token request failed.

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
    """Raised when data is invalid, or when the platform did not store it.

    ``str(error)`` lists all issues.

    Args:
        report: The report of the check.

    Attributes:
        report: The report of the check.
        issues: The issues of the report, errors and warnings.

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
        """The issues of the report, errors and warnings."""
        return self.report.issues


class SchemaLimitError(ValidationError, MemoryError):
    """Raised when a document needs more time or memory than a schema is allowed to take.

    The report has a ``schema_limit`` issue, which states the limit.
    """


class ConfigurationError(CognigyError, ValueError):
    """Raised when a setting, an option or a schema is invalid."""


class AuthenticationError(CognigyError):
    """Raised when the server rejects the credentials (401)."""


class PermissionDeniedError(CognigyError):
    """Raised when the credentials do not permit the operation (403)."""


class SessionNotFoundError(CognigyError):
    """Raised when the session does not exist (404).

    A session exists once its user has sent a message.
    """


class ConflictError(CognigyError):
    """Raised when another writer changed the data at the same time (409)."""


class StateConflictError(ConflictError):
    """Raised when the state of the dialog has changed (409 or 412).

    ``current_tag`` is the ETag of the current state, or ``None`` if the server did not
    send it.
    """


class RateLimitError(CognigyError):
    """Raised when a call exceeds the rate limit of the server (429) or of the client.

    ``retry_after`` is the number of seconds to wait, or ``None`` if it is unknown.
    """


class BadRequestError(CognigyError):
    """Raised when the server rejects the request (any other 4xx status)."""


class ServerError(CognigyError):
    """Raised when the server fails (5xx)."""


class NetworkError(CognigyError, ConnectionError):
    """Raised when the server cannot be reached or the connection breaks."""


class DeadlineError(CognigyError, TimeoutError):
    """Raised when the deadline of the call is exceeded.

    The request may have taken effect.
    """


class ProtocolError(CognigyError):
    """Raised when a response does not have the expected form."""


# The class for each error kind of the Rust core. A test compares both lists.
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

# Tracebacks and pickles show the public module.
for _class in (
    CognigyError,
    ValidationError,
    SchemaLimitError,
    ConfigurationError,
    *CLASS_OF_KIND.values(),
):
    _class.__module__ = "cognigy_context"
del _class
