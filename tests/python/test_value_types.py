"""Python types beyond dict, list, str and numbers: their JSON form, or an issue."""

import collections
import dataclasses
import datetime as dt
import decimal
import enum
import gc
import json
import types
import uuid
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, ClassVar
from unittest import mock

import cognigy_context as cc
import pydantic
import pytest


class Tier(enum.Enum):
    GOLD = "gold"
    OFFER = ("a", 1)
    NOTHING = None


class Level(enum.IntEnum):
    TOP = 3


class Text(str, enum.Enum):
    HELLO = "hello"


class Bits(enum.Flag):
    A = 1
    B = 2


@dataclasses.dataclass
class Order:
    number: int
    total: Decimal
    tags: set[str] = dataclasses.field(default_factory=set)
    shop: ClassVar[str] = "not a field"


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    city: str
    inner: "Place | None" = None


class Customer(pydantic.BaseModel):
    name: str
    since: dt.date
    orders: list[Order] = []


class Names(pydantic.RootModel[list[str]]):
    pass


class OtherMapping(Mapping[str, Any]):
    """A mapping that is not a dict."""

    def __init__(self, **members: Any) -> None:
        self.members = members

    def __getitem__(self, name: str) -> Any:
        return self.members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)


MOMENT = dt.datetime(2030, 1, 31, 12, 0, 0, 5)
ID = uuid.UUID("12345678-1234-5678-1234-567812345678")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (("a", 1), '["a",1]'),
        ({1}, "[1]"),
        (frozenset({"x"}), '["x"]'),
        (set(), "[]"),
        (MOMENT, '"2030-01-31T12:00:00.000005"'),
        (MOMENT.replace(tzinfo=dt.timezone.utc), '"2030-01-31T12:00:00.000005+00:00"'),
        (dt.date(2030, 1, 31), '"2030-01-31"'),
        (dt.time(9, 30), '"09:30:00"'),
        (ID, f'"{ID}"'),
        (Tier.GOLD, '"gold"'),
        (Tier.OFFER, '["a",1]'),
        (Tier.NOTHING, "null"),
        (Level.TOP, "3"),
        (Text.HELLO, '"hello"'),
        (Bits.A | Bits.B, "3"),
        (Order(7, Decimal("9.90")), '{"number":7,"total":9.90,"tags":[]}'),
        (
            Place("Bonn", Place("Köln")),
            '{"city":"Bonn","inner":{"city":"Köln","inner":null}}',
        ),
        (
            Customer(
                name="Ada", since=dt.date(2020, 2, 29), orders=[Order(1, Decimal(2))]
            ),
            '{"name":"Ada","since":"2020-02-29","orders":[{"number":1,"total":2,"tags":[]}]}',
        ),
        (Names(["a", "b"]), '["a","b"]'),
        (OtherMapping(a=1, b=OtherMapping()), '{"a":1,"b":{}}'),
        (types.MappingProxyType({"a": 1}), '{"a":1}'),
        (collections.UserDict(a=1), '{"a":1}'),
        (collections.ChainMap({"a": 1}), '{"a":1}'),
        (collections.OrderedDict(b=1, a=2), '{"b":1,"a":2}'),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_is_written_as_its_json_form(value: Any, text: str) -> None:
    assert cc.serialize_context({"v": value}) == f'{{"v":{text}}}'
    assert cc.check({"v": value}, "context").ok
    sizes = cc.measure({"v": json.loads(text)})
    assert cc.measure({"v": value}).platform_bytes == sizes.platform_bytes


@pytest.mark.parametrize(
    "value",
    [Order(7, Decimal(1)), Customer(name="A", since=dt.date.min), OtherMapping(a=1)],
)
def test_a_context_may_be_a_dataclass_a_model_or_a_mapping(value: Any) -> None:
    assert json.loads(cc.serialize_context(value))
    assert cc.check(value).ok


# --- decimals --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0.1", "0.1"),
        ("1.10", "1.10"),
        ("-0.0", "-0.0"),
        ("1E+3", "1E+3"),
        ("1E-7", "1E-7"),
        ("0E-10", "0E-10"),
        ("5", "5"),
        ("-17", "-17"),
        ("9007199254740991", "9007199254740991"),
        ("123456789.123456", "123456789.123456"),
    ],
)
def test_a_decimal_is_written_with_all_its_digits(number: str, text: str) -> None:
    assert cc.serialize_context({"n": Decimal(number)}) == f'{{"n":{text}}}'
    assert Decimal(repr(float(text))) == Decimal(number)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("0.1000000000000000055", "unserializable_type"),
        ("9007199254740993.5", "unserializable_type"),
        ("1E-400", "unserializable_type"),
        ("9007199254740993", "unsafe_integer"),
        ("1E+400", "non_finite_number"),
        ("1" + "0" * 400, "unsafe_integer"),
        ("NaN", "non_finite_number"),
        ("sNaN", "non_finite_number"),
        ("-Infinity", "non_finite_number"),
        ("1E+999999999999999999", "non_finite_number"),
    ],
)
def test_a_decimal_that_is_no_exact_json_number_is_an_error(
    number: str, code: str
) -> None:
    report = cc.check({"n": [Decimal(number)]}, "platform")
    assert [(issue.code, issue.path) for issue in report.issues] == [(code, "/n/0")]
    assert not report.ok


def test_the_digits_of_a_decimal_do_not_depend_on_the_decimal_context() -> None:
    with decimal.localcontext() as context:
        context.prec, context.capitals = 1, 0
        assert cc.serialize_context({"n": Decimal("1.25")}) == '{"n":1.25}'
        assert cc.serialize_context({"n": Decimal("1E+3")}) == '{"n":1e+3}'


# --- values without a JSON form --------------------------------------------------------------


class FailingMapping(Mapping[str, Any]):
    def __getitem__(self, name: str) -> Any:
        raise ValueError(name)

    def __iter__(self) -> Iterator[str]:
        return iter("ab")

    def __len__(self) -> int:
        return 2


class EndlessModel:
    def model_dump(self) -> "EndlessModel":
        return EndlessModel()


class SelfModel:
    def model_dump(self) -> "SelfModel":
        return self


class FailingModel:
    def model_dump(self) -> Any:
        raise RuntimeError("secret")


@dataclasses.dataclass(slots=True)
class Unset:
    a: int


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (FailingMapping(), "unserializable_type"),
        (EndlessModel(), "unserializable_type"),
        (SelfModel(), "circular_reference"),
        (FailingModel(), "unserializable_type"),
        (mock.Mock(), "unserializable_type"),
        (Order, "unserializable_type"),
        (Customer, "unserializable_type"),
        (object.__new__(Unset), "unserializable_type"),
        (dt.timedelta(1), "unserializable_type"),
        (dt.timezone.utc, "unserializable_type"),
        (collections.deque(), "unserializable_type"),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_a_value_without_a_json_form_is_an_error(value: Any, code: str) -> None:
    report = cc.check({"a": [value]}, "context")
    assert [(issue.code, issue.path[:4]) for issue in report.issues] == [(code, "/a/0")]
    with pytest.raises(cc.ValidationError) as raised:
        cc.serialize_context({"a": [value]})
    assert raised.value.report.issues == report.issues
    assert "secret" not in str(raised.value)


def test_a_keyboard_interrupt_is_raised_and_not_reported() -> None:
    class Interrupted:
        def model_dump(self) -> Any:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cc.check({"a": Interrupted()})
    assert gc.isenabled()


def test_a_cycle_through_other_types_is_an_error() -> None:
    @dataclasses.dataclass(eq=False)
    class Node:
        next: Any = None

    node = Node()
    node.next = {node}
    assert [(i.code, i.path) for i in cc.check({"n": node}).issues] == [
        ("circular_reference", "/n/next/0")
    ]
    mapping = OtherMapping()
    mapping.members["self"] = mapping
    assert [(i.code, i.path) for i in cc.check({"n": mapping}).issues] == [
        ("circular_reference", "/n/self")
    ]


@pytest.mark.parametrize(
    "wrap", [lambda v: (v,), lambda v: Place("x", v), lambda v: OtherMapping(k=v)]
)
def test_128_levels_of_other_types_are_accepted_and_129_are_an_error(wrap: Any) -> None:
    value: Any = Place("x") if wrap(None).__class__ is Place else 1
    levels = 1 if isinstance(value, Place) else 0
    for _ in range(128 - levels):
        value = wrap(value)
    assert cc.check({"v": value}, "context").ok
    report = cc.check({"v": wrap(value)}, "context")
    assert [(i.code, i.actual) for i in report.issues] == [("nesting_too_deep", 129)]


def test_code_that_clears_the_visited_dict_does_not_crash() -> None:
    outer: dict[str, Any] = {}

    class Clearing:
        def model_dump(self) -> Any:
            for key in list(outer):
                outer[key] = None
            gc.collect()
            return {"done": True}

    outer.update({"a": [{"k": "x" * 50}, Clearing(), {"k": "y" * 50}], "b": [1]})
    assert json.loads(cc.serialize_context(outer))["a"][1] == {"done": True}
    assert gc.isenabled()
