"""Schemas that describe far more work than their size suggests."""

from typing import Any

import cognigy_context as cc
import pytest
from cognigy_context import Schema


def chain(count: int, definition: Any, last: Any) -> dict[str, Any]:
    """Returns a schema with definitions that each refer to the next one."""
    definitions = {
        f"d{i}": definition({"$ref": f"#/$defs/d{i + 1}"}) for i in range(count)
    }
    definitions[f"d{count}"] = last
    return {"$ref": "#/$defs/d0", "$defs": definitions}


def test_defaults_beyond_the_limit_are_a_memory_error() -> None:
    def both(item: Any) -> Any:
        return {"type": "object", "properties": {"l": item, "r": item}}

    schema = Schema(chain(17, both, {"default": "x" * 100_000}))
    with pytest.raises(MemoryError, match="16,777,216 bytes") as caught:
        schema.apply({})
    error = caught.value
    assert isinstance(error, cc.SchemaLimitError)
    assert isinstance(error, cc.ValidationError)
    (issue,) = error.issues
    assert (issue.code, issue.limit) == ("schema_limit", 16 << 20)


def test_a_context_manager_reports_the_limit_and_keeps_its_context() -> None:
    def both(item: Any) -> Any:
        return {"type": "object", "properties": {"l": item, "r": item}}

    schema = {"properties": {"large": chain(17, both, {"type": "object"})}}
    schema["$defs"] = schema["properties"]["large"].pop("$defs")
    manager = cc.ContextManager(schema={**schema, "required": ["a"]})
    with pytest.raises(cc.SchemaLimitError):
        manager.update("s", {"a": 1, "large": {}})
    assert manager.inspect("s")["current_context"] == {}


def test_multiplied_references_are_rejected() -> None:
    def twice(item: Any) -> Any:
        return {"allOf": [item, item]}

    assert Schema(chain(12, twice, {"type": "integer"})).apply(5) == 5
    with pytest.raises(cc.ConfigurationError, match="67,108,864"):
        Schema(chain(30, twice, {"type": "integer"}))
