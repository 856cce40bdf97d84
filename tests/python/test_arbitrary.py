"""Arbitrary Python objects at every entry point, in every argument: only documented errors."""

import decimal
import enum
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import cognigy_context as cc
from hypothesis import given, settings
from hypothesis import strategies as st
from test_properties import ANYTHING, examples


class Mischief(Exception):
    """What the objects below raise: it passes through, or the object has no JSON form."""


class Raising:
    """Raises whatever is asked of it, even its hash."""

    def __getattr__(self, name: str) -> Any:
        raise Mischief(name)

    def __hash__(self) -> int:
        raise Mischief

    def __eq__(self, other: object) -> bool:
        raise Mischief

    def __iter__(self) -> Iterator[Any]:
        raise Mischief

    def __len__(self) -> int:
        raise Mischief

    def __bool__(self) -> bool:
        raise Mischief


class Lying(dict[Any, Any]):
    """A dict whose methods give what no dict gives."""

    def items(self) -> Any:
        return [1, (2,), "ab"]

    def __getitem__(self, key: Any) -> Any:
        raise Mischief

    def __len__(self) -> int:
        return -1  # noqa: PLE0303


class Endless:
    """Stands for something new each time it is looked at."""

    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        return {"inner": Endless()}

    def model_dump(self, **_: Any) -> Any:
        return Endless()


class Text(str):
    """A text with methods of its own."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = str.__hash__

    def __str__(self) -> str:
        raise Mischief


class Colour(enum.Enum):
    RED = "red"
    NONE = object()


def itself() -> Any:
    value: list[Any] = []
    value.append({"again": value})
    return value


ODD = st.sampled_from([Raising, Lying, Endless, itself, lambda: Text("a")]).map(
    lambda make: make()
)
OBJECTS = st.one_of(
    ANYTHING,
    ODD,
    st.sampled_from(
        [Colour.RED, Colour.NONE, decimal.Decimal("sNaN"), bytearray(b"{")]
    ),
    st.sampled_from(["platform", "state", "lossless", "number", "https://h", "{}", ""]),
    st.dictionaries(
        st.sampled_from(["key", "value", "scope", "name", "expires_at", "preset"]),
        st.one_of(ANYTHING, ODD),
        max_size=4,
    ),
    st.lists(ODD, max_size=2),
)
DOCUMENTED = (cc.CognigyError, TypeError, ValueError, OverflowError, Mischief)


def manager() -> cc.ContextManager:
    """A manager with one session, whose time stands still."""
    made = cc.ContextManager(clock=lambda: 1.0)
    made.update("s", {"a": {"b": [1]}})
    return made


CALLS: dict[str, Callable[..., object]] = {
    **{
        name: getattr(cc, name)
        for name in cc.__all__
        if inspect.isbuiltin(getattr(cc, name))
    },
    "Issue": cc.Issue,
    "Sizes": cc.Sizes,
    "Policy": cc.Policy,
    "Policy.replace": cc.Policy().replace,
    "Schema": cc.Schema,
    "Schema.apply": cc.Schema({"type": "object"}).apply,
    "ScopedVariable": cc.ScopedVariable,
    "Variable": cc.Variable,
    "Variables.get": cc.parse_variables('{"variables": []}').get,
    "InjectionPayload": lambda *given: cc.InjectionPayload(*given).to_json(),
    "InjectionPayload.to_api_body": lambda *given: cc.InjectionPayload(
        "s", given
    ).to_api_body(),
    "InjectionPayload.clock": lambda answer: cc.InjectionPayload("s", []).check(
        clock=lambda: answer
    ),
    "StateUpdate": lambda *given: cc.StateUpdate(*given).to_json(),
    "StateUpdate.split": lambda *given: cc.StateUpdate(*given).split(),
    "ContextManager": cc.ContextManager,
    # Of its own each time, so that what an example does depends on no other example.
    "ContextManager.update": lambda *given: manager().update(*given),
    "ContextManager.inspect": lambda *given: manager().inspect(*given),
    "ContextManager.reset": lambda *given: manager().reset(*given),
    "WebhookEvent.from_json": cc.WebhookEvent.from_json,
    "WebhookEvent.from_value": cc.WebhookEvent.from_value,
}


@settings(max_examples=examples(1_500))
@given(
    st.sampled_from(sorted(CALLS)),
    st.lists(OBJECTS, max_size=5),
    st.dictionaries(
        st.sampled_from(
            ["policy", "existing", "mode", "hint", "names", "max_depth", "clock"]
        ),
        OBJECTS,
        max_size=2,
    ),
)
def test_only_documented_errors(
    name: str, given: list[Any], named: dict[str, Any]
) -> None:
    try:
        CALLS[name](*given, **named)
    except DOCUMENTED:
        pass


@settings(max_examples=examples(1_500))
@given(st.sampled_from(sorted(CALLS)), st.one_of(OBJECTS))
def test_only_documented_errors_for_one_argument(name: str, given: Any) -> None:
    try:
        CALLS[name](given)
    except DOCUMENTED:
        pass


def test_what_needs_no_network_is_among_them() -> None:
    functions = {"check", "check_json", "coerce", "debug_view", "deep_merge"}
    functions |= {"measure", "parse_variables", "resolve_scopes", "serialize_context"}
    classes = {"ContextManager", "InjectionPayload", "Policy", "Schema", "StateUpdate"}
    assert functions | classes <= set(CALLS)
