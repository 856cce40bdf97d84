"""All problems that the service responds with, with their statuses, types and texts.

Each failure is an RFC 9457 problem with a distinct ``type``, so that a caller can distinguish a 401 of
the tenant from a 401 of this service. A caller should retry on 429 and 5xx only.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response

from cognigy_context import (
    AuthenticationError,
    CognigyError,
    DeadlineError,
    NetworkError,
    PermissionDeniedError,
    RateLimitError,
    SessionNotFoundError,
    ValidationError,
)

__all__ = [
    "ALL_PROBLEMS",
    "Problem",
    "ProblemError",
    "json_response",
    "problem_from_client_error",
    "problem_from_validation_error",
    "problem_response",
]

_TYPE_PREFIX = "urn:cognigy-context:problem:"


@dataclass(frozen=True)
class Problem:
    """An RFC 9457 problem.

    Attributes:
        name: The last part of the type URI.
        status: The HTTP status.
        title: The failure; the same text for each occurrence.
        detail: What to do about it.
        members: Further members of the response body: ``issues``, ``code``, ``traceId``.
        retry_after: Seconds until the caller should retry; None when unknown.
    """

    name: str
    status: int
    title: str
    detail: str
    members: tuple[tuple[str, Any], ...] = ()
    retry_after: float | None = None

    def with_details(
        self, members: dict[str, Any], retry_after: float | None = None
    ) -> "Problem":
        """Returns this problem with the details of one occurrence.

        Args:
            members: Further members of the response body; those that are None are left out.
            retry_after: Seconds until the caller should retry; None when unknown.

        Returns:
            Problem: A copy.
        """
        present = tuple(
            (key, value) for key, value in members.items() if value is not None
        )
        return replace(self, members=present, retry_after=retry_after)

    @property
    def type(self) -> str:
        """The type URI, which identifies the kind of failure."""
        return _TYPE_PREFIX + self.name


class ProblemError(Exception):
    """Ends a request with a problem.

    Attributes:
        problem: The problem to respond with.
        reason: One word for the log that says more than the problem, which the caller must not
            see; None when there is nothing to add.
        session: The hash of the session id, when the request is about a session.
    """

    def __init__(self, problem: Problem, reason: str | None = None) -> None:
        super().__init__(problem.name)
        self.problem = problem
        self.reason = reason
        self.session: str | None = None


_RETRY_LATER = "Send the request again later."

MALFORMED = Problem(
    "malformed",
    422,
    "The request is invalid",
    "Correct the fields that `issues` lists, and send the request again.",
)
CALLER_UNKNOWN = Problem(
    "caller-unknown",
    401,
    "The caller is not authenticated",
    "Sign the request as Standard Webhooks specifies, or send the shared secret.",
)
HEADERS_TOO_LARGE = Problem(
    "headers-too-large",
    431,
    "The request headers are too large",
    "Send fewer or shorter headers, and a shorter URL.",
)
HEADERS_TIMEOUT = Problem(
    "headers-timeout",
    408,
    "The request headers did not arrive in time",
    "Send the request again.",
)
TOO_MANY_CONNECTIONS = Problem(
    "too-many-connections",
    503,
    "The service has too many open connections",
    "Send the request again later.",
)
BODY_TOO_LARGE = Problem(
    "body-too-large",
    413,
    "The request body is too large",
    "Send less data in one request.",
)
BODY_INCOMPLETE = Problem(
    "body-incomplete",
    400,
    "The request body did not arrive completely",
    "Send the request again.",
)
NO_SUCH_ROUTE = Problem(
    "no-such-route",
    404,
    "The route does not exist",
    "See /openapi.json for the routes of this service.",
)
METHOD_NOT_ALLOWED = Problem(
    "method-not-allowed",
    405,
    "The route does not support this method",
    "See /openapi.json for the methods of each route.",
)
STORE_UNREACHABLE = Problem(
    "store-unreachable",
    503,
    "The store cannot be reached, or accepts no writes",
    _RETRY_LATER,
)
STORE_TIMEOUT = Problem(
    "store-timeout", 504, "The store did not respond in time", _RETRY_LATER
)
BUDGET_SPENT = Problem(
    "budget-spent", 504, "The request took longer than its time budget", _RETRY_LATER
)
UPSTREAM_UNAUTHENTICATED = Problem(
    "upstream-unauthenticated",
    401,
    "The tenant rejected the credentials of this service",
    "The operator of this service must check its credentials.",
)
UPSTREAM_FORBIDDEN = Problem(
    "upstream-forbidden",
    403,
    "The tenant denied this service permission",
    "The operator of this service must check the scopes of its credentials.",
)
SESSION_NOT_FOUND = Problem(
    "session-not-found",
    404,
    "The tenant has no session with this id",
    "The tenant creates a session when its user sends the first message.",
)
UPSTREAM_TOKEN = Problem(
    "upstream-token",
    502,
    "The tenant issued no access token",
    "Send the request again later. If that fails too, the operator of this service must check its "
    "credentials.",
)
UPSTREAM_REFUSED = Problem(
    "upstream-refused",
    502,
    "The tenant rejected the request",
    "Give `code` and `traceId` to the tenant's support.",
)
UPSTREAM_FAILED = Problem(
    "upstream-failed", 502, "The tenant failed to process the request", _RETRY_LATER
)
UPSTREAM_UNREACHABLE = Problem(
    "upstream-unreachable", 503, "The tenant cannot be reached", _RETRY_LATER
)
RATE_LIMITED = Problem(
    "rate-limited",
    429,
    "The request rate exceeds the tenant's limit",
    "Send the request again after the seconds in `Retry-After`.",
)
SERVICE_FAILED = Problem(
    "service-failed",
    500,
    "The service failed with an internal error",
    "The operator of this service finds the cause in its log.",
)

ALL_PROBLEMS = (
    BODY_INCOMPLETE,
    CALLER_UNKNOWN,
    UPSTREAM_UNAUTHENTICATED,
    UPSTREAM_FORBIDDEN,
    SESSION_NOT_FOUND,
    NO_SUCH_ROUTE,
    METHOD_NOT_ALLOWED,
    HEADERS_TIMEOUT,
    BODY_TOO_LARGE,
    MALFORMED,
    RATE_LIMITED,
    HEADERS_TOO_LARGE,
    SERVICE_FAILED,
    UPSTREAM_TOKEN,
    UPSTREAM_REFUSED,
    UPSTREAM_FAILED,
    STORE_UNREACHABLE,
    UPSTREAM_UNREACHABLE,
    TOO_MANY_CONNECTIONS,
    STORE_TIMEOUT,
    BUDGET_SPENT,
)


def problem_from_client_error(error: CognigyError) -> Problem:
    """Returns the problem for a failed call to the tenant.

    Args:
        error: The error that the client raised.

    Returns:
        Problem: With the tenant's code and trace id if it sent them, or with the issues of a
        validation error.
    """
    if isinstance(error, ValidationError):
        return problem_from_validation_error(error)
    return _problem_for(error).with_details(
        {"code": error.code, "traceId": error.trace_id}, error.retry_after
    )


def _problem_for(error: CognigyError) -> Problem:
    # These three problems do not depend on which request failed, the call or its token request.
    if isinstance(error, RateLimitError):
        return RATE_LIMITED
    if isinstance(error, NetworkError):
        return UPSTREAM_UNREACHABLE
    if isinstance(error, DeadlineError):
        return BUDGET_SPENT
    if error.during_token:
        return UPSTREAM_TOKEN
    if isinstance(error, AuthenticationError):
        return UPSTREAM_UNAUTHENTICATED
    if isinstance(error, PermissionDeniedError):
        return UPSTREAM_FORBIDDEN
    if isinstance(error, SessionNotFoundError):
        return SESSION_NOT_FOUND
    if error.status is not None and 400 <= error.status < 500:
        return UPSTREAM_REFUSED
    return UPSTREAM_FAILED


def problem_from_validation_error(
    error: ValidationError, locate: Callable[[dict[str, Any]], str] | None = None
) -> Problem:
    """Returns the problem for invalid data: all issues, without the values.

    Args:
        error: The validation error.
        locate: Returns an issue's JSON Pointer in the request; None keeps the issue's path.

    Returns:
        Problem: ``malformed``, with the member ``issues``.
    """
    issues: list[dict[str, Any]] = error.report.to_dict()["issues"]
    if locate is not None:
        issues = [{**issue, "path": locate(issue)} for issue in issues]
    return MALFORMED.with_details({"issues": issues})


def problem_response(problem: Problem) -> Response:
    """Returns the HTTP response for a problem.

    Args:
        problem: The problem.

    Returns:
        Response: With ``Retry-After`` in seconds for a 429, and ``WWW-Authenticate`` for an unknown caller.
    """
    body = {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        **dict(problem.members),
    }
    headers = {}
    if problem.status == 429:
        # Rounds up to whole seconds, because an earlier retry would fail again. Default: 1 s.
        headers["retry-after"] = str(max(1, math.ceil(problem.retry_after or 1)))
    if problem is CALLER_UNKNOWN:
        headers["www-authenticate"] = "Standard-Webhooks"
    return json_response(body, problem.status, headers, "application/problem+json")


def json_response(
    body: dict[str, Any],
    status: int = 200,
    headers: dict[str, str] | None = None,
    media_type: str = "application/json",
) -> Response:
    """Returns a response with a compact JSON body.

    Args:
        body: The body.
        status: The HTTP status.
        headers: Further headers.
        media_type: The value of ``Content-Type``.
    """
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), status, headers, media_type)
