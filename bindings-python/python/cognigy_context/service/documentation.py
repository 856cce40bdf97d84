"""What the OpenAPI document says of each route: shapes, examples, and every answer there is."""

from typing import Any

from .answers import (
    BODY_INCOMPLETE,
    BODY_TOO_LARGE,
    BUDGET_SPENT,
    CALLER_UNKNOWN,
    FAILED,
    MALFORMED,
    RATE_LIMITED,
    SESSION_NOT_FOUND,
    STORE_TIMEOUT,
    STORE_UNREACHABLE,
    TOKEN_FAILED,
    UPSTREAM_FAILED,
    UPSTREAM_FORBIDDEN,
    UPSTREAM_REFUSED,
    UPSTREAM_UNAUTHENTICATED,
    UPSTREAM_UNREACHABLE,
    Problem,
)
from .settings import Settings

__all__ = ["INSPECT", "READY", "SYNC", "WEBHOOK", "describe"]

_STORE = (STORE_UNREACHABLE, STORE_TIMEOUT)
_CALLER = (CALLER_UNKNOWN, FAILED)
_BODY = (BODY_INCOMPLETE, BODY_TOO_LARGE, MALFORMED)
_UPSTREAM = (
    UPSTREAM_UNAUTHENTICATED,
    UPSTREAM_FORBIDDEN,
    SESSION_NOT_FOUND,
    RATE_LIMITED,
    TOKEN_FAILED,
    UPSTREAM_REFUSED,
    UPSTREAM_FAILED,
    UPSTREAM_UNREACHABLE,
    BUDGET_SPENT,
)

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {
            "type": "string",
            "description": "What tells one failure from another.",
        },
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What to do about it."},
        "issues": {
            "type": "array",
            "description": "Everything that is wrong with the request, without its values.",
            "items": {
                "type": "object",
                "required": ["code", "severity", "path", "message"],
                "properties": {
                    "code": {"type": "string"},
                    "severity": {"enum": ["error", "warning"]},
                    "path": {"type": "string", "description": "A JSON Pointer."},
                    "message": {"type": "string"},
                    "limit": {"type": ["integer", "null"]},
                    "actual": {"type": ["integer", "null"]},
                    "hint": {"type": ["string", "null"]},
                },
            },
        },
        "code": {
            "type": ["integer", "string"],
            "description": "The tenant's own code.",
        },
        "traceId": {"type": "string", "description": "The tenant's trace id."},
    },
}

_EVENT = {
    "type": "object",
    "required": ["sessionId", "userId", "message", "channel", "timestamp"],
    "properties": {
        "sessionId": {"type": "string", "minLength": 1},
        "userId": {"type": "string", "minLength": 1},
        "message": {"type": "string"},
        "channel": {"type": "string"},
        "timestamp": {
            "type": "integer",
            "format": "int64",
            "description": "In any unit: only order is taken from it.",
        },
        "custom": {"type": ["object", "null"], "additionalProperties": True},
    },
    "example": {
        "sessionId": "session-1",
        "userId": "user-1",
        "message": "Where is my order?",
        "channel": "webchat",
        "timestamp": 1893456000,
        "custom": {"page": "/orders"},
    },
}

_SYNC = {
    "type": "object",
    "required": ["session_id", "data"],
    "properties": {
        "session_id": {"type": "string", "minLength": 1},
        "data": {"type": "object", "additionalProperties": True},
    },
    "example": {
        "session_id": "session-1",
        "data": {"user_profile": {"tier": "gold"}},
    },
}

_INSPECTED = {
    "type": "object",
    "required": [
        "session_id",
        "current_context",
        "variables",
        "ttl_registry",
        "recent_audit_trail",
        "schema_valid",
    ],
    "properties": {
        "session_id": {"type": "string"},
        "current_context": {"type": "object", "description": "As it was last synced."},
        "variables": {"type": "object", "description": "Those of the newest event."},
        "ttl_registry": {
            "type": "object",
            "description": "When each part is forgotten, by its JSON Pointer.",
            "additionalProperties": {"type": "string", "format": "date-time"},
        },
        "recent_audit_trail": {
            "type": "array",
            "maxItems": 10,
            "items": {
                "type": "object",
                "required": [
                    "timestamp",
                    "session_id",
                    "action",
                    "payload_size",
                    "audit_trail_id",
                ],
                "properties": {
                    "timestamp": {"type": "string", "format": "date-time"},
                    "session_id": {"type": "string", "description": "Hashed."},
                    "action": {"enum": ["webhook", "sync"]},
                    "payload_size": {"type": "integer"},
                    "audit_trail_id": {"type": "string"},
                },
            },
        },
        "schema_valid": {"type": "boolean"},
    },
    "example": {
        "session_id": "session-1",
        "current_context": {"user_profile": {"tier": "gold"}},
        "variables": {"last_user_message": "Where is my order?"},
        "ttl_registry": {"/current_context": "2030-01-01T01:00:00.000+00:00"},
        "recent_audit_trail": [],
        "schema_valid": True,
    },
}


def _ok(schema: dict[str, Any], description: str) -> dict[int | str, dict[str, Any]]:
    content = {"application/json": {"schema": schema}}
    return {200: {"description": description, "content": content}}


def _answers(*problems: Problem) -> dict[int | str, dict[str, Any]]:
    """Each status with an example of each problem that it can stand for."""
    found: dict[int | str, dict[str, Any]] = {}
    for problem in sorted(problems, key=lambda problem: problem.status):
        entry = found.setdefault(
            problem.status,
            {
                "description": problem.title,
                "content": {
                    "application/problem+json": {"schema": _PROBLEM, "examples": {}}
                },
            },
        )
        if problem.title not in entry["description"]:
            entry["description"] += f"; or: {problem.title}"
        value = {
            "type": problem.type,
            "title": problem.title,
            "status": problem.status,
            "detail": problem.detail,
        }
        examples = entry["content"]["application/problem+json"]["examples"]
        examples[problem.name] = {"value": value}
        if problem is RATE_LIMITED:
            entry["headers"] = {
                "Retry-After": {
                    "description": "Whole seconds.",
                    "schema": {"type": "integer"},
                }
            }
    return found


def _takes(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    }


_WEBHOOK_ID = {
    "name": "webhook-id",
    "in": "header",
    "required": False,
    "description": "What the event is known by when it is delivered again. "
    "Without it, that is the SHA-256 of the canonical event.",
    "schema": {"type": "string"},
}
_SESSION_ID = {
    "name": "session_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "minLength": 1},
    "example": "session-1",
}

WEBHOOK: dict[str, Any] = {
    "summary": "Store an event of a session and inject what is derived of it",
    "responses": {
        **_ok(
            {
                "type": "object",
                "required": ["status", "sessionId"],
                "properties": {
                    "status": {"const": "processed"},
                    "sessionId": {"type": "string"},
                },
                "example": {"status": "processed", "sessionId": "session-1"},
            },
            "It took effect, now or before, or a newer event did.",
        ),
        **_answers(*_CALLER, *_BODY, *_STORE, *_UPSTREAM),
    },
    "openapi_extra": {**_takes(_EVENT), "parameters": [_WEBHOOK_ID]},
}

SYNC: dict[str, Any] = {
    "summary": "Merge data into a session's context document",
    "responses": {
        **_ok(
            {
                "type": "object",
                "required": ["status", "context_size_bytes"],
                "properties": {
                    "status": {"const": "success"},
                    "context_size_bytes": {"type": "integer"},
                },
                "example": {"status": "success", "context_size_bytes": 34},
            },
            "The document as a whole has this size as compact JSON.",
        ),
        **_answers(*_CALLER, *_BODY, *_STORE, *_UPSTREAM),
    },
    "openapi_extra": _takes(_SYNC),
}

INSPECT: dict[str, Any] = {
    "summary": "Look at what is known of a session",
    "responses": {
        **_ok(_INSPECTED, "Of an unknown session it is empty."),
        **_answers(*_CALLER, MALFORMED, *_STORE),
    },
    "openapi_extra": {"parameters": [_SESSION_ID]},
}

READY: dict[str, Any] = {
    "summary": "Whether requests can be served",
    "responses": {
        **_ok({"type": "object", "properties": {"status": {"const": "ready"}}}, "Yes."),
        **_answers(*_STORE, FAILED),
    },
}


def describe(document: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Adds to an OpenAPI document how callers prove who they are.

    Args:
        document: The document.
        settings: Which ways there are.
    """
    schemes: dict[str, Any] = {}
    if settings.shared_secrets:
        schemes["sharedSecret"] = {
            "type": "apiKey",
            "in": "header",
            "name": settings.shared_secret_header,
        }
    if settings.webhook_secrets:
        schemes["standardWebhooks"] = {
            "type": "apiKey",
            "in": "header",
            "name": "webhook-signature",
            "description": "As Standard Webhooks sign, with webhook-id and webhook-timestamp. "
            "A request without a body signs its path in place of the body.",
        }
    if schemes:
        document.setdefault("components", {})["securitySchemes"] = schemes
        ways: list[dict[str, list[str]]] = [{name: []} for name in schemes]
        for path in ("/webhook", "/context/sync", "/context/inspect/{session_id}"):
            for operation in document["paths"].get(path, {}).values():
                operation["security"] = ways
    return document
