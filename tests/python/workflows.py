"""Runs the corpus cases of the workflows: one function for each operation."""

import json
from collections.abc import Callable
from typing import Any

import cognigy_context as cc
import pytest
from corpus import assert_issues, value_of

# 2026-01-01T00:00:00Z, the ``now`` of every case.
NOW = 1_767_225_600.0


def run(case: dict[str, Any], by_text: bool) -> None:
    """Runs a case, with JSON text instead of objects where the API accepts text."""
    value = value_of(case["input"]) if "input" in case else None
    _OPERATIONS[case["operation"]](case, value, by_text)


def assert_outcome(
    case: dict[str, Any], outcome: Callable[[], Any], in_order: bool = False
) -> None:
    """Asserts the expected outcome: a value, issues or a ConfigurationError."""
    expect = case["expect"]
    if "issues" in expect:
        with pytest.raises(cc.ValidationError) as raised:
            outcome()
        assert_issues(raised.value.report, expect["issues"])
    elif "error" in expect:
        assert expect["error"] == "configuration"
        with pytest.raises(cc.ConfigurationError):
            outcome()
    else:
        expected, found = value_of(expect["value"]), outcome()
        assert found == expected
        assert kinds(found, in_order) == kinds(expected, in_order)


def kinds(value: Any, in_order: bool) -> Any:
    """Returns which values are booleans, as ``True == 1``, and the order of keys."""
    if isinstance(value, dict):
        members = [(key, kinds(item, in_order)) for key, item in value.items()]
        return members if in_order else dict(members)
    if isinstance(value, list):
        return [kinds(item, in_order) for item in value]
    return isinstance(value, bool)


def coerce(case: dict[str, Any], value: Any, _: bool) -> None:
    mode = case.get("mode", "lossless")
    assert_outcome(case, lambda: cc.coerce(value, mode, case.get("hint")))


def resolve_scopes(case: dict[str, Any], value: Any, _: bool) -> None:
    def outcome() -> Any:
        resolved = cc.resolve_scopes(value)
        assert list(resolved) == [variable["name"] for variable in resolved.values()]
        return list(resolved.values())

    assert_outcome(case, outcome, in_order=True)


def debug_view(case: dict[str, Any], value: Any, _: bool) -> None:
    assert_outcome(case, lambda: cc.debug_view(value), in_order=True)
    assert cc.debug_view(cc.resolve_scopes(value)) == cc.debug_view(value)


def parse_variables(case: dict[str, Any], _: Any, by_text: bool) -> None:
    expect = case["expect"]
    pages = [page if by_text else page.encode() for page in case["pages"]]
    mode = case.get("mode", "lossless")
    if "protocol" in expect:
        with pytest.raises(cc.ProtocolError) as raised:
            cc.parse_variables(*pages, mode=mode)
        assert expect["protocol"] in str(raised.value)
        return
    variables = cc.parse_variables(*pages, mode=mode)
    if "view" in expect:
        view = cc.debug_view(variables)
        assert view == value_of(expect["view"])
        assert list(view) == list(expect["view"]) == list(variables)
    if "next_cursor" in expect:
        assert variables.next_cursor == expect["next_cursor"]
    assert_issues(variables, expect.get("issues", []))


def variables_url(case: dict[str, Any], value: Any, _: bool) -> None:
    assert_outcome(case, lambda: cc.variables_url(**value))


def check_body(case: dict[str, Any], payload: Any, **options: Any) -> None:
    """Checks the report and the body of a payload or a state update."""
    expect = case["expect"]
    report = payload.check(**options)
    assert_issues(report, expect.get("issues", []))
    if "body" not in expect:
        for write in (payload.to_json, payload.to_api_body):
            with pytest.raises(cc.ValidationError) as raised:
                write(**options)
            assert raised.value.report == report
        return
    expected = value_of(expect["body"])
    text = json.dumps(expected, ensure_ascii=False, separators=(",", ":"))
    assert payload.to_json(**options).decode() == text
    assert payload.to_api_body(**options) == expected


def injection_payload(case: dict[str, Any], value: Any, by_text: bool) -> None:
    if not by_text:
        value["variables"] = [
            cc.Variable(**variable) if index % 2 else variable
            for index, variable in enumerate(value["variables"])
        ]
    check_body(case, cc.InjectionPayload(**value), clock=lambda: NOW)


def state_update(case: dict[str, Any], value: Any, _: bool) -> None:
    check_body(case, cc.StateUpdate(**value))


def split_state_update(case: dict[str, Any], value: Any, _: bool) -> None:
    update = cc.StateUpdate(**value)
    if "issues" in case["expect"]:
        with pytest.raises(cc.ValidationError) as raised:
            update.split()
        assert_issues(raised.value.report, case["expect"]["issues"])
        return
    parts = [part.to_api_body() for part in update.split()]
    assert parts == value_of(case["expect"]["parts"])


def serialize_context(case: dict[str, Any], value: Any, _: bool) -> None:
    assert_outcome(case, lambda: cc.serialize_context(value))


def deep_merge(case: dict[str, Any], value: Any, _: bool) -> None:
    base, update = value["base"], value["update"]
    assert_outcome(case, lambda: cc.deep_merge(base, update), in_order=True)


def schema_apply(case: dict[str, Any], value: Any, by_text: bool) -> None:
    schema = json.dumps(case["schema"]) if by_text else case["schema"]
    assert_outcome(case, lambda: cc.Schema(schema).apply(value))


def context_manager(_: dict[str, Any], value: Any, by_text: bool) -> None:
    time = [NOW]
    options = value["options"]
    if "schema" in options and not by_text:
        options["schema"] = cc.Schema(options["schema"])
    manager = cc.ContextManager(**options, clock=lambda: time[0])
    for step in value["steps"]:
        if "wait" in step:
            time[0] += step["wait"]
        elif "reset" in step:
            manager.reset(step["reset"])
        elif "inspect" in step:
            check_inspection(manager.inspect(step["inspect"]), step)
        elif "issues" in step:
            with pytest.raises(cc.ValidationError) as raised:
                manager.update(step["session_id"], step["update"])
            assert_issues(raised.value.report, step["issues"])
        else:
            result = manager.update(step["session_id"], step["update"])
            assert result.context == step["context"]
            assert list(result.expired) == step["expired"]
            assert list(result.pruned) == step["pruned"]


def check_inspection(found: Any, step: dict[str, Any]) -> None:
    assert found["session_id"] == step["inspect"]
    assert found["current_context"] == step["context"]
    assert found["schema_valid"] == step["schema_valid"]
    if "ttl_paths" in step:
        assert list(found["ttl_registry"]) == step["ttl_paths"]
    if "actions" in step:
        trail = found["recent_audit_trail"]
        assert [entry["action"] for entry in trail] == step["actions"]
        hashed = cc.hash_session_id(step["inspect"])
        assert all(entry["session_id"] == hashed for entry in trail)


def webhook_event(case: dict[str, Any], value: Any, by_text: bool) -> None:
    def outcome() -> Any:
        if by_text:
            event = cc.WebhookEvent.from_json(json.dumps(value))
        else:
            event = cc.WebhookEvent.from_value(value)
        if "now" in case:
            event.check_timestamp(NOW)
        return event.derived_variables()

    assert_outcome(case, outcome)


def hash_session_id(case: dict[str, Any], value: Any, by_text: bool) -> None:
    key = case.get("key")
    if key is not None and not by_text:
        key = key.encode()
    assert_outcome(case, lambda: cc.hash_session_id(value, key))


_OPERATIONS = {
    operation.__name__: operation
    for operation in (
        coerce,
        resolve_scopes,
        debug_view,
        parse_variables,
        variables_url,
        injection_payload,
        state_update,
        split_state_update,
        serialize_context,
        deep_merge,
        schema_apply,
        context_manager,
        webhook_event,
        hash_session_id,
    )
}
