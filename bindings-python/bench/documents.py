"""Row 3: an update of a context document that is held to a schema."""

import json
import time
from collections.abc import Callable
from typing import Any

import jsonschema
import jsonschema_rs
import orjson
from measuring import compare

from cognigy_context import ContextManager

LIMIT = 95_000
TTL = 300
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["user_profile", "session"],
    "properties": {
        "user_profile": {
            "type": "object",
            "required": ["id", "tier"],
            "properties": {
                "id": {"type": "string", "minLength": 1},
                "tier": {"enum": ["basic", "silver", "gold"]},
                "email": {"type": "string", "pattern": "^[^@]+@[^@]+$"},
                "language": {"type": "string", "default": "en"},
                "preferences": {
                    "type": "object",
                    "additionalProperties": {"type": ["string", "boolean", "number"]},
                },
            },
        },
        "session": {
            "type": "object",
            "properties": {
                "channel": {"type": "string", "default": "web"},
                "turns": {"type": "integer", "minimum": 0, "default": 0},
                "last_intent": {"type": "string"},
            },
        },
        "orders": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["order", "total"],
                "properties": {
                    "order": {"type": "string"},
                    "total": {"type": "number", "minimum": 0},
                    "open": {"type": "boolean"},
                    "items": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
    },
}


def document() -> dict[str, Any]:
    """A context of about 5.6 kB."""
    return {
        "user_profile": {
            "id": "A-1001",
            "tier": "gold",
            "email": "somebody@example.org",
            "language": "de",
            "preferences": {f"preference_{index}": "as it was" for index in range(40)},
        },
        "session": {"channel": "web", "turns": 0, "last_intent": "greeting"},
        "orders": [
            {
                "order": f"O-{index:05}",
                "total": index + 0.5,
                "open": index % 2 == 0,
                "items": ["shoes", "socks"],
            }
            for index in range(54)
        ],
    }


def merged(base: dict[str, Any], update: dict[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in update.items():
        held = result.get(key)
        if isinstance(held, dict) and isinstance(value, dict):
            result[key] = merged(held, value)
        else:
            result[key] = value
    return result


def fill(schema: dict[str, Any], value: dict[str, Any]) -> None:
    for name, part in schema.get("properties", {}).items():
        if name not in value:
            if "default" in part:
                value[name] = part["default"]
            elif part.get("type") == "object":
                value[name] = {}
        if isinstance(value.get(name), dict):
            fill(part, value[name])


def stamp(
    stamps: dict[str, float], path: str, value: dict[str, Any], until: float
) -> None:
    for name, part in value.items():
        if isinstance(part, dict):
            stamp(stamps, f"{path}/{name}", part, until)
        else:
            stamps[f"{path}/{name}"] = until


class ByHand:
    """What an integrator writes today: a copy, merged, stamped, filled, measured, validated, stored."""

    def __init__(
        self,
        dumps: Callable[[Any], bytes],
        loads: Callable[[bytes], Any],
        validate: Callable[[Any], None],
    ) -> None:
        self.dumps, self.loads, self.validate = dumps, loads, validate
        self.contexts: dict[str, bytes] = {}
        self.stamps: dict[str, dict[str, float]] = {}

    def update(self, session: str, data: dict[str, Any]) -> dict[str, Any]:
        now = time.time()
        stamps = dict(self.stamps.get(session, {}))
        base = self.loads(self.contexts.get(session, b"{}"))
        for path in [path for path, until in stamps.items() if until <= now]:
            del stamps[path]
            *parents, name = path.split("/")[1:]
            place = base
            for parent in parents:
                place = place[parent]
            del place[name]
        context = merged(base, data)
        stamp(stamps, "", data, now + TTL)
        fill(SCHEMA, context)
        text = self.dumps(context)
        if len(text) > LIMIT:
            raise ValueError("too large")
        self.validate(context)
        self.contexts[session], self.stamps[session] = text, stamps
        return context


def row_3() -> None:
    whole = document()
    change = {"session": {"turns": 1, "last_intent": "order"}}

    def spaced_json(value: Any) -> bytes:
        return json.dumps(value).encode()

    slow_validator = jsonschema.Draft202012Validator(SCHEMA)
    fast_validator = jsonschema_rs.Draft202012Validator(SCHEMA)
    slow = ByHand(spaced_json, json.loads, slow_validator.validate)
    fast = ByHand(orjson.dumps, orjson.loads, fast_validator.validate)
    manager = ContextManager(SCHEMA)

    def ours() -> object:
        return manager.update("s", change).context

    expected = slow.update("s", whole)
    assert manager.update("s", whole).context == expected == fast.update("s", whole)
    expected = slow.update("s", change)
    assert ours() == expected == fast.update("s", change)
    assert expected["session"]["turns"] == 1
    size = len(orjson.dumps(expected)) / 1000
    work = (
        f"Python: ContextManager.update on a {size:.1f} kB context with a schema → dict"
    )
    compare(
        "3",
        work,
        "jsonschema + json copies",
        "≤ 1/50×",
        ours,
        lambda: slow.update("s", change),
    )
    compare(
        "3b",
        work,
        "jsonschema_rs + orjson copies",
        "≤ 1/1.2×",
        ours,
        lambda: fast.update("s", change),
    )
