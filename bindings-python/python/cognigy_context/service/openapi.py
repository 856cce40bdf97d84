"""The OpenAPI description of each route: schemas, examples, and all responses."""

from typing import Any

from .problems import (
    BODY_INCOMPLETE,
    BODY_TOO_LARGE,
    BUDGET_SPENT,
    CALLER_UNKNOWN,
    HEADERS_TIMEOUT,
    HEADERS_TOO_LARGE,
    MALFORMED,
    RATE_LIMITED,
    SERVICE_FAILED,
    SESSION_NOT_FOUND,
    STORE_TIMEOUT,
    STORE_UNREACHABLE,
    TOO_MANY_CONNECTIONS,
    UPSTREAM_FAILED,
    UPSTREAM_FORBIDDEN,
    UPSTREAM_REFUSED,
    UPSTREAM_TOKEN,
    UPSTREAM_UNAUTHENTICATED,
    UPSTREAM_UNREACHABLE,
    Problem,
)
from .settings import Settings
from .store import MAX_AUDIT_ENTRIES

__all__ = [
    "HEALTH",
    "INSPECT",
    "METRICS",
    "READY",
    "SYNC",
    "WEBHOOK",
    "add_security",
]

_STORE_PROBLEMS = (STORE_UNREACHABLE, STORE_TIMEOUT)
_CONNECTION_PROBLEMS = (HEADERS_TIMEOUT, HEADERS_TOO_LARGE, TOO_MANY_CONNECTIONS)
_COMMON_PROBLEMS = (*_CONNECTION_PROBLEMS, CALLER_UNKNOWN, SERVICE_FAILED)
_BODY_PROBLEMS = (BODY_INCOMPLETE, BODY_TOO_LARGE, MALFORMED)
_UPSTREAM_PROBLEMS = (
    UPSTREAM_UNAUTHENTICATED,
    UPSTREAM_FORBIDDEN,
    SESSION_NOT_FOUND,
    RATE_LIMITED,
    UPSTREAM_TOKEN,
    UPSTREAM_REFUSED,
    UPSTREAM_FAILED,
    UPSTREAM_UNREACHABLE,
    BUDGET_SPENT,
)

_PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {
            "type": "string",
            "description": "Identifies the kind of failure.",
        },
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What to do about it."},
        "issues": {
            "type": "array",
            "description": "All issues of the request, without its values.",
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
            "description": "The error code of the tenant.",
        },
        "traceId": {"type": "string", "description": "The trace id of the tenant."},
    },
}

_EVENT_SCHEMA = {
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
            "description": "The time since 1970: in milliseconds from 100,000,000,000 on, otherwise in "
            "seconds. At most 24 h ahead of the service's clock. Events with an earlier timestamp than "
            "the newest event have no effect. A number without a fraction may be written as a float.",
        },
        "custom": {"type": ["object", "null"], "additionalProperties": True},
    },
    "example": {
        "sessionId": "session-1",
        "userId": "user-1",
        "message": "Where is my order?",
        "channel": "webchat",
        "timestamp": 1735689600,
        "custom": {"page": "/orders"},
    },
}

_SYNC_SCHEMA = {
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

_SESSION_SCHEMA = {
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
        "current_context": {
            "type": "object",
            "description": "The document after the last sync.",
        },
        "variables": {
            "type": "object",
            "description": "The derived variables of the event that was stored last. An event is stored "
            "before its injection, so the variables can be those of an event whose injection failed.",
        },
        "ttl_registry": {
            "type": "object",
            "description": "When each part expires, by its JSON Pointer. A part that does not expire "
            "before the year 10,000 is left out.",
            "additionalProperties": {"type": "string", "format": "date-time"},
        },
        "recent_audit_trail": {
            "type": "array",
            "maxItems": MAX_AUDIT_ENTRIES,
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
                    "session_id": {
                        "type": "string",
                        "description": "The hash of the id.",
                    },
                    "action": {"enum": ["webhook", "sync"]},
                    "payload_size": {
                        "type": "integer",
                        "description": "The size of the request body in bytes.",
                    },
                    "audit_trail_id": {"type": "string"},
                },
            },
        },
        "schema_valid": {
            "type": "boolean",
            "description": "Whether the document is valid; always true without a schema.",
        },
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


def _success(
    schema: dict[str, Any], description: str
) -> dict[int | str, dict[str, Any]]:
    content = {"application/json": {"schema": schema}}
    return {200: {"description": description, "content": content}}


def _failures(*problems: Problem) -> dict[int | str, dict[str, Any]]:
    """Returns a response for each status, with an example of each problem that has the status."""
    responses: dict[int | str, dict[str, Any]] = {}
    for problem in sorted(problems, key=lambda problem: problem.status):
        response = responses.setdefault(
            problem.status,
            {
                "description": problem.title,
                "content": {
                    "application/problem+json": {
                        "schema": _PROBLEM_SCHEMA,
                        "examples": {},
                    }
                },
            },
        )
        if problem.title not in response["description"]:
            response["description"] += f"; or: {problem.title}"
        value = {
            "type": problem.type,
            "title": problem.title,
            "status": problem.status,
            "detail": problem.detail,
        }
        examples = response["content"]["application/problem+json"]["examples"]
        examples[problem.name] = {"value": value}
        if problem is RATE_LIMITED:
            response["headers"] = {
                "Retry-After": {
                    "description": "Seconds to wait before the next attempt.",
                    "schema": {"type": "integer"},
                }
            }
    return responses


def _json_body(schema: dict[str, Any]) -> dict[str, Any]:
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
    "description": "The id of the event, the same for each delivery. "
    "Without it, the SHA-256 of the canonical event identifies the event.",
    "schema": {"type": "string"},
}
_SYNC_ID = {
    **_WEBHOOK_ID,
    "description": "The id of the request, the same for each delivery. A second delivery changes nothing. "
    "Without it, each request takes effect.",
}
_SESSION_ID = {
    "name": "session_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "minLength": 1},
    "example": "session-1",
}

WEBHOOK: dict[str, Any] = {
    "summary": "Store an event and inject its derived variables into the session",
    "responses": {
        **_success(
            {
                "type": "object",
                "required": ["status", "sessionId"],
                "properties": {
                    "status": {"const": "processed"},
                    "sessionId": {"type": "string"},
                },
                "example": {"status": "processed", "sessionId": "session-1"},
            },
            "The event, or a newer one, has taken effect.",
        ),
        **_failures(
            *_COMMON_PROBLEMS, *_BODY_PROBLEMS, *_STORE_PROBLEMS, *_UPSTREAM_PROBLEMS
        ),
    },
    "openapi_extra": {**_json_body(_EVENT_SCHEMA), "parameters": [_WEBHOOK_ID]},
}

SYNC: dict[str, Any] = {
    "summary": "Merge data into a session's context document",
    "responses": {
        **_success(
            {
                "type": "object",
                "required": ["status", "context_size_bytes"],
                "properties": {
                    "status": {"const": "success"},
                    "context_size_bytes": {"type": "integer"},
                },
                "example": {"status": "success", "context_size_bytes": 34},
            },
            "The data is merged, by this delivery or an earlier one. The size is that of the merged "
            "document as compact JSON.",
        ),
        **_failures(
            *_COMMON_PROBLEMS, *_BODY_PROBLEMS, *_STORE_PROBLEMS, *_UPSTREAM_PROBLEMS
        ),
    },
    "openapi_extra": {**_json_body(_SYNC_SCHEMA), "parameters": [_SYNC_ID]},
}

INSPECT: dict[str, Any] = {
    "summary": "Read the stored data of a session",
    "responses": {
        **_success(_SESSION_SCHEMA, "The stored data; empty for an unknown session."),
        **_failures(*_COMMON_PROBLEMS, MALFORMED, *_STORE_PROBLEMS),
    },
    "openapi_extra": {"parameters": [_SESSION_ID]},
}

READY: dict[str, Any] = {
    "summary": "Check that the service can process requests, and its store accepts writes",
    "responses": {
        **_success(
            {"type": "object", "properties": {"status": {"const": "ready"}}},
            "The service is ready.",
        ),
        **_failures(*_CONNECTION_PROBLEMS, *_STORE_PROBLEMS, SERVICE_FAILED),
    },
}


HEALTH: dict[str, Any] = {"summary": "Check that the process runs"}

METRICS: dict[str, Any] = {"summary": "Read the metrics in the format of Prometheus"}


def add_security(document: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Adds the authentication methods to an OpenAPI document.

    Args:
        document: The document. This function changes it.
        settings: The settings; each kind of secret in them adds a method.

    Returns:
        dict: The document.
    """
    schemes: dict[str, Any] = {}
    # Each alternative lists the schemes that a request needs together.
    alternatives: list[dict[str, list[str]]] = []
    if settings.shared_secrets:
        schemes["sharedSecret"] = _header_scheme(
            settings.shared_secret_header, "The shared secret."
        )
        alternatives.append({"sharedSecret": []})
    if settings.webhook_secrets:
        schemes["webhookSignature"] = _header_scheme(
            "webhook-signature",
            "A signature of Standard Webhooks: `v1,` and the Base64 of an HMAC-SHA-256 of id, "
            "timestamp and body. A request without a body signs its path instead.",
        )
        schemes["webhookId"] = _header_scheme(
            "webhook-id",
            "The signed id. A second delivery with the same id has no effect.",
        )
        schemes["webhookTimestamp"] = _header_scheme(
            "webhook-timestamp",
            "The signed time in seconds since 1970. It may differ from the service's clock by "
            f"{settings.signature_tolerance_seconds:g} s.",
        )
        signature = ("webhookSignature", "webhookId", "webhookTimestamp")
        alternatives.append({name: [] for name in signature})
    if settings.no_auth:
        alternatives.append({})
    if schemes:
        document.setdefault("components", {})["securitySchemes"] = schemes
        for path in ("/webhook", "/context/sync", "/context/inspect/{session_id}"):
            for operation in document["paths"].get(path, {}).values():
                operation["security"] = alternatives
    return document


def _header_scheme(name: str, description: str) -> dict[str, str]:
    return {"type": "apiKey", "in": "header", "name": name, "description": description}
