"""Row 3: an update of a context document that a schema validates."""

import json
import time
from collections.abc import Callable
from typing import Any

import jsonschema
import jsonschema_rs
import orjson
from measure import compare

from cognigy_context import ContextManager

LIMIT_BYTES = 95_000
TTL_SECONDS = 300
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
    """Returns a context of about 5 kB."""
    return {
        "user_profile": {
            "id": "A-1001",
            "tier": "gold",
            "email": "user-1@example.org",
            "language": "de",
            "preferences": {f"preference_{index}": "unchanged" for index in range(40)},
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


def merge(base: dict[str, Any], update: dict[str, Any]) -> dict[str, Any]:
    """Returns a deep merge. Changes neither argument."""
    result = dict(base)
    for key, value in update.items():
        old = result.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            result[key] = merge(old, value)
        else:
            result[key] = value
    return result


def fill_defaults(schema: dict[str, Any], value: dict[str, Any]) -> None:
    """Adds the defaults of a schema to a value."""
    for name, property_schema in schema.get("properties", {}).items():
        if name not in value:
            if "default" in property_schema:
                value[name] = property_schema["default"]
            elif property_schema.get("type") == "object":
                value[name] = {}
        if isinstance(value.get(name), dict):
            fill_defaults(property_schema, value[name])


def set_expiry(
    expiries: dict[str, float], path: str, value: dict[str, Any], expiry: float
) -> None:
    """Sets when each leaf below a path expires, in seconds since the epoch."""
    for name, child in value.items():
        if isinstance(child, dict):
            set_expiry(expiries, f"{path}/{name}", child, expiry)
        else:
            expiries[f"{path}/{name}"] = expiry


class ByHand:
    """A context manager, as an integrator without this library would write it.

    An update copies the context, removes expired parts, merges the data, adds defaults,
    checks the size, validates, and stores the result.
    """

    def __init__(
        self,
        dumps: Callable[[Any], bytes],
        loads: Callable[[bytes], Any],
        validate: Callable[[Any], None],
    ) -> None:
        self.dumps, self.loads, self.validate = dumps, loads, validate
        self.contexts: dict[str, bytes] = {}
        self.expiries: dict[str, dict[str, float]] = {}

    def update(self, session: str, data: dict[str, Any]) -> dict[str, Any]:
        now = time.time()
        expiries = dict(self.expiries.get(session, {}))
        base = self.loads(self.contexts.get(session, b"{}"))
        for path in [path for path, expiry in expiries.items() if expiry <= now]:
            del expiries[path]
            *parents, name = path.split("/")[1:]
            container = base
            for parent in parents:
                container = container[parent]
            del container[name]
        context = merge(base, data)
        set_expiry(expiries, "", data, now + TTL_SECONDS)
        fill_defaults(SCHEMA, context)
        encoded = self.dumps(context)
        if len(encoded) > LIMIT_BYTES:
            raise ValueError("too large")
        self.validate(context)
        self.contexts[session], self.expiries[session] = encoded, expiries
        return context


def row_3() -> None:
    initial = document()
    change = {"session": {"turns": 1, "last_intent": "order"}}

    def dump_json(value: Any) -> bytes:
        return json.dumps(value).encode()

    slow_validator = jsonschema.Draft202012Validator(SCHEMA)
    fast_validator = jsonschema_rs.Draft202012Validator(SCHEMA)
    slow = ByHand(dump_json, json.loads, slow_validator.validate)
    fast = ByHand(orjson.dumps, orjson.loads, fast_validator.validate)
    manager = ContextManager(SCHEMA)

    def ours() -> object:
        return manager.update("s", change).context

    expected = slow.update("s", initial)
    assert manager.update("s", initial).context == expected == fast.update("s", initial)
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
