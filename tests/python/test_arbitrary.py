"""Functions without network raise only documented errors for arbitrary arguments."""

import decimal
import enum
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import cognigy_context as cc
from hypothesis import given, settings
from hypothesis import strategies as st
from test_properties import ANYTHING, examples


class ArbitraryError(Exception):
    """Raised by the objects below. A function passes it on or reports a value without a JSON form."""


class Raising:
    """Raises from attributes, hash, comparison, iteration, length and truth value."""

    def __getattr__(self, name: str) -> Any:
        raise ArbitraryError(name)

    def __hash__(self) -> int:
        raise ArbitraryError

    def __eq__(self, other: object) -> bool:
        raise ArbitraryError

    def __iter__(self) -> Iterator[Any]:
        raise ArbitraryError

    def __len__(self) -> int:
        raise ArbitraryError

    def __bool__(self) -> bool:
        raise ArbitraryError


class InvalidDict(dict[Any, Any]):
    """A dict whose methods return invalid results."""

    def items(self) -> Any:
        return [1, (2,), "ab"]

    def __getitem__(self, key: Any) -> Any:
        raise ArbitraryError

    def __len__(self) -> int:
        return -1  # noqa: PLE0303


class Endless:
    """Contains a new object of this class at every level."""

    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        return {"inner": Endless()}

    def model_dump(self, **_: Any) -> Any:
        return Endless()


class Text(str):
    """A str with overridden methods."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = str.__hash__

    def __str__(self) -> str:
        raise ArbitraryError


class Colour(enum.Enum):
    RED = "red"
    NONE = object()


def circular() -> Any:
    """Returns a list that contains itself."""
    value: list[Any] = []
    value.append({"again": value})
    return value


UNUSUAL = st.sampled_from(
    [Raising, InvalidDict, Endless, circular, lambda: Text("a")]
).map(lambda create: create())
OBJECTS = st.one_of(
    ANYTHING,
    UNUSUAL,
    st.sampled_from(
        [Colour.RED, Colour.NONE, decimal.Decimal("sNaN"), bytearray(b"{")]
    ),
    st.sampled_from(["platform", "state", "lossless", "number", "https://h", "{}", ""]),
    st.dictionaries(
        st.sampled_from(["key", "value", "scope", "name", "expires_at", "preset"]),
        st.one_of(ANYTHING, UNUSUAL),
        max_size=4,
    ),
    st.lists(UNUSUAL, max_size=2),
)
DOCUMENTED = (cc.CognigyError, TypeError, ValueError, OverflowError, ArbitraryError)
FUNCTIONS_OF_FILES = ("check_journal", "repair_journal")


def new_manager() -> cc.ContextManager:
    """Returns a manager with one session and a fixed clock."""
    manager = cc.ContextManager(clock=lambda: 1.0)
    manager.update("s", {"a": {"b": [1]}})
    return manager


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
    "InjectionPayload.clock": lambda result: cc.InjectionPayload("s", []).check(
        clock=lambda: result
    ),
    "StateUpdate": lambda *given: cc.StateUpdate(*given).to_json(),
    "StateUpdate.split": lambda *given: cc.StateUpdate(*given).split(),
    "ContextManager": cc.ContextManager,
    # A new manager for each example, so that examples do not depend on each other.
    "ContextManager.update": lambda *given: new_manager().update(*given),
    "ContextManager.inspect": lambda *given: new_manager().inspect(*given),
    "ContextManager.reset": lambda *given: new_manager().reset(*given),
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
def test_arbitrary_arguments_raise_only_documented_errors(
    name: str, given: list[Any], named: dict[str, Any]
) -> None:
    try:
        CALLS[name](*given, **named)
    except DOCUMENTED:
        pass
    except OSError:
        assert name in FUNCTIONS_OF_FILES


@settings(max_examples=examples(1_500))
@given(st.sampled_from(sorted(CALLS)), st.one_of(OBJECTS))
def test_one_arbitrary_argument_raises_only_documented_errors(
    name: str, given: Any
) -> None:
    try:
        CALLS[name](given)
    except DOCUMENTED:
        pass
    except OSError:
        assert name in FUNCTIONS_OF_FILES


def test_functions_without_network_are_covered() -> None:
    functions = {"check", "check_json", "coerce", "debug_view", "deep_merge"}
    functions |= {"measure", "parse_variables", "resolve_scopes", "serialize_context"}
    classes = {"ContextManager", "InjectionPayload", "Policy", "Schema", "StateUpdate"}
    assert functions | classes <= set(CALLS)
