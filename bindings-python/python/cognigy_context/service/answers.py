"""What is answered: the one place that says which failure has which status and type.

Every failure is an RFC 7807 problem with a ``type`` of its own, so that a 401 of the tenant is not
taken for one of the caller's. A caller delivers again on 429 and 5xx, and only then.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
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
    "EVERY",
    "Problem",
    "Refused",
    "answer",
    "json_answer",
    "of_client",
    "of_validation",
]

_TYPES = "urn:cognigy-context:problem:"


@dataclass(frozen=True)
class Problem:
    """A failure, as it is answered.

    Attributes:
        name: The end of its type.
        status: The HTTP status.
        title: What it is, the same each time.
        detail: What to do about it.
        members: What else the answer says: ``issues``, ``code``, ``traceId``.
        retry_after: Seconds after which the caller should come back.
    """

    name: str
    status: int
    title: str
    detail: str
    members: tuple[tuple[str, Any], ...] = ()
    retry_after: float | None = None

    def said_of(
        self, members: dict[str, Any], retry_after: float | None = None
    ) -> "Problem":
        """The same problem with what is known of this one."""
        known = tuple(
            (key, value) for key, value in members.items() if value is not None
        )
        return Problem(
            self.name, self.status, self.title, self.detail, known, retry_after
        )

    @property
    def type(self) -> str:
        """What tells it from other problems of its status."""
        return _TYPES + self.name


class Refused(Exception):
    """A request comes to this problem.

    Attributes:
        problem: The problem.
        session: The hash of the session, when the request is about one.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.name)
        self.problem = problem
        self.session: str | None = None


MALFORMED = Problem(
    "malformed",
    422,
    "The request is not what it should be",
    "Correct what the issues name, and send it again.",
)
CALLER_UNKNOWN = Problem(
    "caller-unknown",
    401,
    "The caller did not prove who it is",
    "Sign the request as Standard Webhooks say, or send the shared secret.",
)
BODY_TOO_LARGE = Problem(
    "body-too-large",
    413,
    "The body is too large",
    "Send less.",
)
BODY_INCOMPLETE = Problem(
    "body-incomplete",
    400,
    "The body did not arrive",
    "Send it again.",
)
NOT_FOUND = Problem(
    "no-such-route",
    404,
    "There is nothing here",
    "See /openapi.json for what there is.",
)
METHOD_NOT_ALLOWED = Problem(
    "method-not-allowed",
    405,
    "This route does not take this method",
    "See /openapi.json for what there is.",
)
STORE_UNREACHABLE = Problem(
    "store-unreachable", 503, "The store cannot be reached", "Send it again later."
)
STORE_TIMEOUT = Problem(
    "store-timeout", 504, "The store did not answer in time", "Send it again later."
)
BUDGET_SPENT = Problem(
    "budget-spent", 504, "The time for this request ran out", "Send it again later."
)
UPSTREAM_UNAUTHENTICATED = Problem(
    "upstream-unauthenticated",
    401,
    "The tenant does not accept the credentials of this service",
    "Whoever runs this service has to look at its credentials.",
)
UPSTREAM_FORBIDDEN = Problem(
    "upstream-forbidden",
    403,
    "The tenant does not allow this service to do this",
    "Whoever runs this service has to look at the scopes of its credentials.",
)
SESSION_NOT_FOUND = Problem(
    "session-not-found",
    404,
    "The tenant has no such session",
    "A session exists once its user has sent a message.",
)
TOKEN_FAILED = Problem(
    "upstream-token",
    502,
    "The tenant gave this service no token",
    "Send it again later; whoever runs this service may have to look at its credentials.",
)
UPSTREAM_REFUSED = Problem(
    "upstream-refused",
    502,
    "The tenant refused the request",
    "The code and trace id tell the tenant's support what it did not like.",
)
UPSTREAM_FAILED = Problem(
    "upstream-failed", 502, "The tenant failed", "Send it again later."
)
UPSTREAM_UNREACHABLE = Problem(
    "upstream-unreachable", 503, "The tenant cannot be reached", "Send it again later."
)
RATE_LIMITED = Problem(
    "rate-limited", 429, "Too many requests to the tenant", "Send it again later."
)
FAILED = Problem(
    "service-failed",
    500,
    "This service failed",
    "Whoever runs it finds more in its log.",
)

# In the order of the documentation.
EVERY = (
    BODY_INCOMPLETE,
    CALLER_UNKNOWN,
    UPSTREAM_UNAUTHENTICATED,
    UPSTREAM_FORBIDDEN,
    SESSION_NOT_FOUND,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    BODY_TOO_LARGE,
    MALFORMED,
    RATE_LIMITED,
    FAILED,
    TOKEN_FAILED,
    UPSTREAM_REFUSED,
    UPSTREAM_FAILED,
    STORE_UNREACHABLE,
    UPSTREAM_UNREACHABLE,
    STORE_TIMEOUT,
    BUDGET_SPENT,
)


def of_client(error: CognigyError) -> Problem:
    """What is answered when a call to the tenant failed.

    Args:
        error: The client's error, whatever it is.
    """
    if isinstance(error, ValidationError):
        return of_validation(error)
    return _kind_of(error).said_of(
        {"code": error.code, "traceId": error.trace_id}, error.retry_after
    )


def _kind_of(error: CognigyError) -> Problem:
    # These say the same whether it was the call or the request for its token.
    if isinstance(error, RateLimitError):
        return RATE_LIMITED
    if isinstance(error, NetworkError):
        return UPSTREAM_UNREACHABLE
    if isinstance(error, DeadlineError):
        return BUDGET_SPENT
    if error.during_token:
        return TOKEN_FAILED
    if isinstance(error, AuthenticationError):
        return UPSTREAM_UNAUTHENTICATED
    if isinstance(error, PermissionDeniedError):
        return UPSTREAM_FORBIDDEN
    if isinstance(error, SessionNotFoundError):
        return SESSION_NOT_FOUND
    if error.status is not None and 400 <= error.status < 500:
        return UPSTREAM_REFUSED
    return UPSTREAM_FAILED


def of_validation(
    error: ValidationError, place: Callable[[dict[str, Any]], str] | None = None
) -> Problem:
    """What is answered to data that was refused: every issue, and no value.

    Args:
        error: What was found.
        place: Where in the request an issue is that names another place; its own path when None.
    """
    issues: list[dict[str, Any]] = error.report.to_dict()["issues"]
    if place is not None:
        issues = [{**issue, "path": place(issue)} for issue in issues]
    return MALFORMED.said_of({"issues": issues})


def answer(problem: Problem) -> Response:
    """The problem as an HTTP answer."""
    body = {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        **dict(problem.members),
    }
    headers = {}
    if problem.status == 429:
        # Whole seconds, and never early.
        headers["retry-after"] = str(max(1, math.ceil(problem.retry_after or 1)))
    if problem is CALLER_UNKNOWN:
        headers["www-authenticate"] = "Standard-Webhooks"
    return json_answer(body, problem.status, headers, "application/problem+json")


def json_answer(
    body: dict[str, Any],
    status: int = 200,
    headers: dict[str, str] | None = None,
    media_type: str = "application/json",
) -> Response:
    """A JSON answer."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), status, headers, media_type)
