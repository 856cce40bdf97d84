"""The bodies of requests: parsing, and where in a request an issue is."""

import json
from hashlib import sha256
from typing import Any

from cognigy_context import Issue, ValidationError, WebhookEvent, check_json, event_id

from .problems import MALFORMED, ProblemError, problem_from_validation_error

__all__ = [
    "load_json",
    "locate_sync_issue",
    "parse_event",
    "parse_sync",
    "sync_dedup_key",
]

# Only the rules of JSON itself: the client checks the data against the policy of context documents.
_JSON_RULES_ONLY: Any = {"preset": "context", "max_context_bytes": None}


def load_json(text: bytes | str) -> Any:
    """Parses JSON. Python's parser alone accepts more, for example NaN, 1e999 and duplicate keys.

    Args:
        text: The JSON text.

    Raises:
        ValidationError: The text is not JSON, or violates a rule of JSON values.
        ValueError: An integer has more than 4,300 digits, which Python cannot parse.
    """
    check_json(text, _JSON_RULES_ONLY).raise_if_failed()
    return json.loads(text)


def parse_event(body: bytes, webhook_id: str | None) -> tuple[WebhookEvent, str]:
    """Parses an event.

    Args:
        body: The event as JSON.
        webhook_id: The sender's id of the event. Without it, the hash of the canonical event
            identifies the event.

    Returns:
        tuple: The event and its deduplication key, which is the same for each delivery.

    Raises:
        ProblemError: The body is not a valid event, or its timestamp is too far ahead.
    """
    try:
        event = WebhookEvent.from_json(body)
        event.check_timestamp()
        name = webhook_id or event_id(body)
    except ValidationError as error:
        raise ProblemError(problem_from_validation_error(error)) from None
    return event, sha256(name.encode()).hexdigest()


def parse_sync(body: bytes) -> tuple[str, dict[str, Any]]:
    """Parses the body of a sync, ``{session_id, data}``.

    Args:
        body: The body as JSON.

    Returns:
        tuple: The session id and the data.

    Raises:
        ProblemError: The body is invalid. The problem lists all issues.
    """
    try:
        fields = load_json(body)
    except ValidationError as error:
        raise ProblemError(problem_from_validation_error(error)) from None
    except ValueError:
        issue = Issue(
            "unsafe_integer", "error", "", "an integer has too many digits to be read"
        )
        raise _malformed([issue]) from None
    issues: list[Issue] = []
    for name, kind, expected in (
        ("session_id", str, "a string"),
        ("data", dict, "an object"),
    ):
        if fields.get(name) is None:
            message = "a required field is missing"
            issues.append(Issue("missing_field", "error", f"/{name}", message))
        elif not isinstance(fields[name], kind):
            message = f"expected {expected}"
            issues.append(Issue("wrong_type", "error", f"/{name}", message))
    if issues:
        raise _malformed(issues)
    return fields["session_id"], fields["data"]


def sync_dedup_key(webhook_id: str | None) -> str | None:
    """Returns the deduplication key of a sync; None without an id, as equal syncs may be intended.

    Args:
        webhook_id: The sender's id of the request. An event may have the same id: the prefix, which
            no header can contain, keeps the two apart.
    """
    if not webhook_id:
        return None
    return sha256(f"/context/sync\n{webhook_id}".encode()).hexdigest()


def locate_sync_issue(issue: dict[str, Any], data: dict[str, Any]) -> str:
    """Returns the JSON Pointer of an issue in the body of a sync.

    The client reports a path in the merged document, or ``invalid_id`` for the session id.

    Args:
        issue: The issue that the client reported, with ``code`` and ``path``.
        data: The data of the sync.
    """
    path: str = issue["path"]
    if issue["code"] == "invalid_id":
        return "/session_id"
    value: Any = data
    for segment in path.split("/")[1:]:
        name = segment.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            # The path is in the stored document, which the data makes too large.
            return "/data"
    return "/data" + path


def _malformed(issues: list[Issue]) -> ProblemError:
    found = [issue.to_dict() for issue in issues]
    return ProblemError(MALFORMED.with_details({"issues": found}))
