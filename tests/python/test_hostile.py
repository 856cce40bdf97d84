"""Hostile input is accepted, or rejected with a documented and short error."""

import json
import sys
from collections.abc import Callable
from typing import Any

import cognigy_context as cc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_properties import ANYTHING, VALUES

# Characters of a long key.
LONG = 1_000_000
EVENT = '{"sessionId":"s","userId":"u","message":"m","channel":"c","timestamp":1,"custom":%s}'

TEXTS: dict[str, str | bytes] = {
    "ten million brackets": "[" * 10_000_000,
    "two million braces": '{"a":' * 2_000_000,
    "a duplicate key": '{"a":1,"a":2}',
    "not UTF-8": b'{"a":"\xff"}',
    "a lone surrogate": '{"a":"\\ud800"}',
    "an unescaped lone surrogate": '{"a":"\ud800"}',
    "400 digits": '{"a":' + "9" * 400 + "}",
    "5,000 digits": '{"a":' + "9" * 5000 + "}",
    "a number out of range": '{"a":1e400}',
    "empty text": "",
    "NaN": '{"a":NaN}',
}

TEXT_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "check_json": lambda text: cc.check_json(text).raise_if_failed(),
    "parse_variables": cc.parse_variables,
    "Schema": cc.Schema,
    "ContextManager": cc.ContextManager,
    "from_json": cc.WebhookEvent.from_json,
}


@pytest.mark.parametrize("name", TEXT_FUNCTIONS)
@pytest.mark.parametrize("text", TEXTS)
def test_hostile_text_is_rejected(name: str, text: str) -> None:
    with pytest.raises((cc.ValidationError, cc.ProtocolError)) as raised:
        TEXT_FUNCTIONS[name](TEXTS[text])
    assert len(str(raised.value)) < 2_000


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_text_in_a_variable_stays_text_or_is_rejected(text: str) -> None:
    content = TEXTS[text]
    if isinstance(content, bytes):
        return
    for mode in ("lossless", "compat"):
        value = cc.coerce(content, mode)  # type: ignore[arg-type]
        # The mode compat accepts duplicate keys and long integers, as Python does.
        assert value is content or (mode, text) in (
            ("compat", "a duplicate key"),
            ("compat", "400 digits"),
        )
    for part in (content, json.dumps(content)):
        page = f'{{"variables":[{{"name":"a","scope":"bot","value":{part}}}]}}'
        try:
            value = cc.parse_variables(page)["a"].value
        except cc.ProtocolError:
            continue
        assert value == content
    with pytest.raises(cc.ValidationError):
        cc.WebhookEvent.from_json(EVENT % content)


VALUE_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "serialize_context": cc.serialize_context,
    "Schema": cc.Schema({}).apply,
    "update": lambda value: cc.ContextManager().update("s", value),
    "payload": lambda value: cc.InjectionPayload(
        "s", [{"key": "a", "value": value}]
    ).to_json(),
    "variable": lambda value: cc.InjectionPayload("s", [value]).to_api_body(),
    "state": lambda value: cc.StateUpdate({"a": value}).to_json(),
    "session": lambda value: cc.StateUpdate(value).to_api_body(),
    "split": lambda value: cc.StateUpdate(value, {"a": value}).split(),
    "event": lambda value: cc.WebhookEvent.from_value({"custom": value}),
}


def nested(levels: int) -> Any:
    """Returns the number 1 within lists."""
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


HOSTILE_VALUES: dict[str, Any] = {
    "100,000 levels": {"a": nested(100_000)},
    "5,000 digits": {"a": 10**5000},
    "a lone surrogate": {"a": "\ud800"},
    "a lone surrogate in a key": {"\ud800": 1},
    "a key that is not a str": {"a": {1: 2}},
    "an object without a JSON form": {"a": object()},
}


@pytest.mark.parametrize("name", VALUE_FUNCTIONS)
@pytest.mark.parametrize("value", HOSTILE_VALUES)
def test_a_hostile_value_is_rejected(name: str, value: str) -> None:
    with pytest.raises(cc.ValidationError) as raised:
        VALUE_FUNCTIONS[name](HOSTILE_VALUES[value])
    assert len(str(raised.value)) < 10_000


def test_keys_of_1_mb_are_accepted() -> None:
    key = "k" * LONG
    assert cc.serialize_context({key: 1}) == f'{{"{key}":1}}'
    assert cc.deep_merge({key: {"a": 1}}, {key: {"b": 2}}) == {key: {"a": 1, "b": 2}}
    manager = cc.ContextManager(max_size_bytes=3 * LONG)
    assert manager.update("s", {key: {key: 1}}).context == {key: {key: 1}}
    page = json.dumps({"variables": [{"name": key, "value": "1", "scope": "bot"}]})
    assert cc.parse_variables(page)[key].value == 1
    report = cc.InjectionPayload("s", [{"key": key, "value": 1}]).check()
    assert [issue.code for issue in report.issues] == [
        "name_too_long",
        "payload_too_large",
    ]


ANY_TEXT = st.text(alphabet=st.characters(), max_size=12)


@given(ANYTHING)
def test_each_function_accepts_any_value_or_raises_a_documented_error(
    value: Any,
) -> None:
    for use in VALUE_FUNCTIONS.values():
        try:
            use(value)
        except cc.ValidationError:
            pass
    try:
        cc.Schema(value)
    except (cc.ValidationError, cc.ConfigurationError):
        pass
    for view in (cc.resolve_scopes, cc.debug_view):
        try:
            view([value])
        except (cc.ValidationError, TypeError):
            pass
    assert cc.coerce(value, "compat") is value or isinstance(value, str)
    merged = cc.deep_merge(value, value)
    assert type(merged) is type(value)


@given(
    st.one_of(ANY_TEXT, VALUES.map(json.dumps)), st.sampled_from(["lossless", "compat"])
)
def test_any_text_is_coerced_or_returned_unchanged(text: str, mode: Any) -> None:
    value = cc.coerce(text, mode)
    assert value is text or not isinstance(value, str) or json.loads(text) == value
    for use in TEXT_FUNCTIONS.values():
        try:
            use(text)
        except (cc.ValidationError, cc.ProtocolError, cc.ConfigurationError):
            pass
    cc.coerce(text, mode, "string")
    for hint in ("number", "integer", "boolean", "object", "array", "json"):
        try:
            cc.coerce(text, mode, hint)
        except cc.ValidationError as error:
            assert [issue.code for issue in error.issues] == ["coercion_failed"]


@given(VALUES)
def test_lossless_coercion_of_json_text_returns_the_value_or_the_text(
    value: Any,
) -> None:
    text = json.dumps(value, ensure_ascii=False)
    found = cc.coerce(text)
    assert found == text or found == value


@given(*[st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)] * 2)
def test_deep_merge_prefers_the_update_and_keeps_the_key_order(
    base: Any, update: Any
) -> None:
    merged = cc.deep_merge(base, update)
    assert cc.deep_merge(base, {}) == base == cc.deep_merge({}, base)
    assert cc.deep_merge(merged, update) == merged
    assert list(merged) == list(dict.fromkeys([*base, *update]))


def test_the_digit_limit_of_python_is_unchanged() -> None:
    # corpus.py sets the limit to 0; the default is 4300.
    assert sys.get_int_max_str_digits() in (0, 4300)


def test_a_policy_that_contains_itself_is_rejected() -> None:
    prefixes: list[Any] = []
    prefixes.append({"reserved_prefixes": prefixes})
    for use in (
        lambda: cc.Policy("state", reserved_prefixes=prefixes),
        lambda: cc.Policy().replace(reserved_prefixes=prefixes),
        lambda: cc.check({}, {"reserved_prefixes": prefixes}),
        lambda: cc.check_json("{}", prefixes),  # type: ignore[arg-type]
    ):
        with pytest.raises(cc.ConfigurationError):
            use()


class Growing(dict[str, Any]):
    """Adds itself to a container whenever it is read."""

    container: Any

    def items(self) -> Any:
        if isinstance(self.container, dict):
            self.container[f"k{len(self.container)}"] = self
        else:
            self.container.append(self)
        return ()


def test_a_list_that_grows_while_it_is_read_ends() -> None:
    items: list[Any] = []
    items.append(Growing())
    items[0].container = items
    assert cc.check({"a": items}, policy="context").ok
    assert len(items) < 10


def test_a_dict_that_grows_while_it_is_read_is_an_error() -> None:
    members: dict[str, Any] = {}
    members["k0"] = Growing()
    members["k0"].container = members
    with pytest.raises(RuntimeError, match="dictionary changed size during iteration"):
        cc.check({"a": members}, policy="context")
    assert len(members) < 10
