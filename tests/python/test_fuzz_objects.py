"""Random Python objects of every accepted type: each function reads the same JSON value in them.

test_properties.py has plain JSON values, test_arbitrary.py arbitrary arguments. Here the objects have a known JSON
form (subclasses, dataclasses, models, mappings, times, decimals, enums), change while they are read, or have
methods that break their contract.
"""

import collections
import dataclasses
import datetime as dt
import decimal
import enum
import gc
import json
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import cognigy_context as cc
import pydantic
from hypothesis import given, settings
from hypothesis import strategies as st
from test_arbitrary import DOCUMENTED, ArbitraryError
from test_properties import KEYS, PRESETS, examples

# --- objects with a known JSON form ------------------------------------------------------------------------------


class Text(str):
    """A str with another text form."""

    def __str__(self) -> str:
        return "another text"


class Count(int):
    """An int with another text form."""

    def __str__(self) -> str:
        return "another text"

    def __repr__(self) -> str:
        return "another text"


class Ratio(float):
    """A float with another text form."""

    def __repr__(self) -> str:
        return "another text"


class Items(list[Any]):
    """A list subclass."""


class Members(dict[str, Any]):
    """A dict subclass."""


class Tier(enum.Enum):
    GOLD = "gold"
    NUMBER = 7
    NOTHING = None


class Level(enum.IntEnum):
    TOP = 3


class Word(str, enum.Enum):
    HELLO = "hello"


class Moment(dt.datetime):
    """A datetime subclass."""


class OddZone(dt.tzinfo):
    """A time zone with any offset, also of seconds and microseconds."""

    def __init__(self, offset: dt.timedelta | None) -> None:
        self.offset = offset

    def utcoffset(self, when: dt.datetime | None) -> dt.timedelta | None:
        return self.offset

    def dst(self, when: dt.datetime | None) -> dt.timedelta | None:
        return None

    def tzname(self, when: dt.datetime | None) -> str | None:
        return "an odd zone"


class OtherMapping(Mapping[str, Any]):
    """A mapping that is not a dict."""

    def __init__(self, members: dict[str, Any]) -> None:
        self.members = members

    def __getitem__(self, key: str) -> Any:
        return self.members[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)


class Pair(NamedTuple):
    first: Any
    second: Any


@dataclasses.dataclass
class Fields:
    first: Any
    second: Any


@dataclasses.dataclass(frozen=True, slots=True)
class Slots:
    first: Any
    second: Any


class Model(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)
    first: Any
    second: Any


@dataclasses.dataclass(frozen=True)
class Case:
    """An object and the value of its JSON form."""

    value: Any
    json: Any


def case_of(value: Any) -> Case:
    return Case(value, value)


OFFSETS = st.one_of(
    st.none(), st.timedeltas(dt.timedelta(hours=-23), dt.timedelta(hours=23))
)
ZONES = st.one_of(st.none(), st.just(dt.timezone.utc), OFFSETS.map(OddZone))
DATETIMES = st.builds(
    lambda time, zone, fold: time.replace(tzinfo=zone, fold=fold),
    st.datetimes(),
    ZONES,
    st.integers(0, 1),
)
# Within 64 bits, so that a context document can store them.
INTEGERS = st.one_of(st.integers(-(2**63), 2**64 - 1), st.integers(-5, 5))
# Numbers of eighths have the same value as floats.
DECIMALS = st.integers(-(10**6), 10**6).map(lambda number: decimal.Decimal(number) / 8)
WITH_ISO_FORMAT: st.SearchStrategy[Any] = st.one_of(
    DATETIMES,
    DATETIMES.map(lambda time: Moment.combine(time.date(), time.timetz())),
    st.dates(),
    st.builds(lambda time, zone: time.replace(tzinfo=zone), st.times(), ZONES),
)
SCALARS: st.SearchStrategy[Case] = st.one_of(
    st.one_of(st.none(), st.booleans(), INTEGERS, st.text(max_size=8)).map(case_of),
    st.floats(allow_nan=False, allow_infinity=False).map(case_of),
    st.text(max_size=8).map(lambda text: Case(Text(text), text)),
    INTEGERS.map(lambda number: Case(Count(number), number)),
    st.integers(-(10**6), 10**6).map(
        lambda number: Case(Ratio(number / 8), number / 8)
    ),
    DECIMALS.map(lambda number: Case(number, float(number))),
    st.sampled_from([*Tier, *Level, *Word]).map(
        lambda member: Case(member, member.value)
    ),
    st.uuids().map(lambda id_: Case(id_, str(id_))),
    WITH_ISO_FORMAT.map(lambda time: Case(time, time.isoformat())),
    # One item, because a copy of a set, which a model makes, may have another order.
    st.frozensets(st.integers(-9, 9), max_size=1).map(lambda s: Case(s, list(s))),
    st.sets(st.integers(-9, 9), max_size=1).map(lambda s: Case(s, list(s))),
)


def list_cases(cases: list[Case], wrap: Callable[[list[Any]], Any]) -> Case:
    return Case(wrap([case.value for case in cases]), [case.json for case in cases])


def mapping_cases(
    cases: dict[str, Case], wrap: Callable[[dict[str, Any]], Any]
) -> Case:
    value = {key: case.value for key, case in cases.items()}
    return Case(wrap(value), {key: case.json for key, case in cases.items()})


def field_cases(cases: tuple[Case, Case], wrap: Callable[[Any, Any], Any]) -> Case:
    first, second = cases
    fields = {"first": first.json, "second": second.json}
    json_form = list(fields.values()) if wrap is Pair else fields
    return Case(wrap(first.value, second.value), json_form)


MAPPINGS = st.sampled_from(
    [
        dict,
        Members,
        OtherMapping,
        collections.OrderedDict,
        collections.UserDict,
        types.MappingProxyType,
        lambda members: collections.ChainMap({}, members),
    ]
)


def containers(inner: st.SearchStrategy[Case]) -> st.SearchStrategy[Case]:
    return st.one_of(
        st.builds(
            list_cases,
            st.lists(inner, max_size=4),
            st.sampled_from([list, tuple, Items]),
        ),
        st.builds(mapping_cases, st.dictionaries(KEYS, inner, max_size=4), MAPPINGS),
        st.builds(
            field_cases,
            st.tuples(inner, inner),
            st.sampled_from(
                [
                    Pair,
                    Fields,
                    Slots,
                    lambda first, second: Model(first=first, second=second),
                ]
            ),
        ),
    )


CASES = st.recursive(SCALARS, containers, max_leaves=6)
CONTEXTS = st.builds(mapping_cases, st.dictionaries(KEYS, CASES, max_size=3), MAPPINGS)

# Accepts every name and integer, and every size that occurs here.
LENIENT = cc.Policy(names="any", unsafe_integers="warning")


def written(value: Any) -> str:
    """Returns the JSON text of a context in a request."""
    body = cc.inject_context_request("https://h", "s", "u", value, policy=LENIENT)[
        "body"
    ]
    return body[len('{"userId":"u","context":') : -1]


def without_internal(value: Any) -> Any:
    """Removes keys that start with two underscores, at every depth."""
    if isinstance(value, dict):
        return {
            key: without_internal(item)
            for key, item in value.items()
            if not key.startswith("__")
        }
    if isinstance(value, list):
        return [without_internal(item) for item in value]
    return value


@settings(max_examples=examples(300))
@given(CONTEXTS, PRESETS)
def test_an_object_has_the_report_of_its_json_text(case: Case, preset: Any) -> None:
    text = written(case.value)
    assert json.loads(text) == case.json
    assert cc.check(case.value, preset) == cc.check_json(text, preset)
    assert cc.measure(case.value) == cc.measure_json(text)
    assert cc.check(case.value, "platform", existing=case.value) == cc.check_json(
        text, "platform", existing=json.loads(text)
    )


@settings(max_examples=examples(300))
@given(CONTEXTS)
def test_every_function_writes_the_same_value(case: Case) -> None:
    document = without_internal(case.json)
    assert json.loads(cc.serialize_context(case.value)) == document
    manager = cc.ContextManager(clock=lambda: 1.0, ttl_seconds=60)
    assert manager.update("s", case.value).context == document
    payload = cc.InjectionPayload("s", [{"key": "a", "value": case.value}])
    assert json.loads(payload.to_json())["variables"][0]["value"] == case.json
    update = cc.StateUpdate({"a": case.value}, {"b": [case.value]})
    sent = json.loads(update.to_json())
    assert (sent["session"]["a"], sent["user"]["b"]) == (case.json, [case.json])
    assert [json.loads(part.to_json()) for part in update.split()] == [sent]


@settings(max_examples=examples(300))
@given(CASES, st.sampled_from(["lossless", "compat"]))
def test_values_that_are_read_keep_their_identity(case: Case, mode: Any) -> None:
    value = case.value
    coerced = cc.coerce(value, mode)
    assert coerced is value or isinstance(value, str)
    variable = {"name": "a", "value": value, "scope": "user"}
    resolved = cc.resolve_scopes([variable, {**variable, "scope": "bot"}])
    assert resolved["a"] is variable
    assert cc.deep_merge({}, {"a": [value]})["a"][0] is value
    if not isinstance(value, str):
        page = {"variables": [{**variable, "value": case.json}]}
        read = cc.parse_variables(json.dumps(page), mode=mode)["a"].value
        assert read == case.json


# --- objects that change while they are read ---------------------------------------------------------------------


def change(target: Any, kind: int) -> None:
    """Changes a list or dict in one of four ways."""
    is_list = isinstance(target, list)
    if kind == 0:
        target.clear()
    elif kind == 1:
        target.insert(0, target) if is_list else target.update(itself=target)
    elif kind == 2 and target:
        target.pop() if is_list else target.popitem()
    elif is_list:
        target.extend("x" * 40 for _ in range(20))
    else:
        target.update({f"new {number}": "y" * 40 for number in range(20)})


class Mutation:
    """Changes the containers around it when it is read, in the way that its type allows."""

    def __init__(self, containers: list[Any], actions: list[int]) -> None:
        self.containers = containers
        self.actions = actions
        # A list that gets an item whenever it is read would be read without end, as by a loop in Python.
        self.runs_left = 3

    def run(self) -> None:
        self.runs_left -= 1
        for action in self.actions if self.runs_left >= 0 else []:
            target = self.containers[action % len(self.containers)]
            change(target, action // len(self.containers) % 4)
        gc.collect(0)

    def model_dump(self, **_: Any) -> Any:
        self.run()
        return {"dumped": 1}


class MutatingItems(dict[str, Any]):
    mutation: Mutation

    def items(self) -> Any:
        self.mutation.run()
        return super().items()


class MutatingMapping(OtherMapping):
    mutation: Mutation

    def __iter__(self) -> Iterator[str]:
        for key in list(self.members):
            self.mutation.run()
            yield key


class MutatingZone(OddZone):
    mutation: Mutation

    def utcoffset(self, when: dt.datetime | None) -> dt.timedelta | None:
        self.mutation.run()
        return self.offset


def mutating(kind: int, mutation: Mutation) -> Any:
    """Returns an object that runs the mutation when it is read."""
    if kind == 0:
        return mutation
    zone = MutatingZone(dt.timedelta(hours=1))
    value: Any = [
        MutatingItems(a=[1], b="x" * 40),
        MutatingMapping({"a": 1, "b": [2]}),
        zone,
    ][kind - 1]
    value.mutation = mutation
    return dt.datetime(2030, 1, 31, tzinfo=zone) if value is zone else value


USES: dict[str, Callable[[Any], object]] = {
    "check": cc.check,
    "measure": cc.measure,
    "serialize_context": cc.serialize_context,
    "existing": lambda value: cc.check({}, existing=value),
    "payload": lambda value: cc.InjectionPayload(
        "s", [{"key": "a", "value": value}]
    ).to_json(),
    "variables": lambda value: cc.InjectionPayload("s", [value]).to_json(),
    "session": lambda value: cc.StateUpdate(value, {"a": value}).to_json(),
    "split": lambda value: cc.StateUpdate({"a": value}).split(),
    "update": lambda value: cc.ContextManager(clock=lambda: 1.0).update("s", value),
    "deep_merge": lambda value: cc.deep_merge(value, {"a": value}),
    "resolve_scopes": lambda value: cc.resolve_scopes([value, value]),
    "debug_view": lambda value: cc.debug_view([value]),
    "coerce": cc.coerce,
    "event": cc.WebhookEvent.from_value,
    "schema": cc.Schema({"type": "object"}).apply,
}


@settings(max_examples=examples(300))
@given(
    st.sampled_from(sorted(USES)),
    st.integers(0, 3),
    st.lists(st.integers(0, 50), min_size=1, max_size=4),
    st.integers(0, 3),
)
def test_a_value_may_change_while_it_is_read(
    name: str, kind: int, actions: list[int], position: int
) -> None:
    inner: list[Any] = ["a" * 50, {"k" * 60: [1]}, "b" * 50]
    members: dict[str, Any] = {
        "first" * 10: 1,
        "inner": inner,
        "last" * 10: {"z": None},
    }
    outer: dict[str, Any] = {
        "members": members,
        "name": "n",
        "scope": "user",
        "value": inner,
    }
    inner.insert(position, mutating(kind, Mutation([inner, members, outer], actions)))
    try:
        USES[name](outer)
    except (*DOCUMENTED, RuntimeError) as error:
        # Python's own error for a dict that changes during an iteration.
        assert not isinstance(error, RuntimeError) or "changed" in str(error)
    assert gc.isenabled()


# --- objects whose methods break their contract ------------------------------------------------------------------


def raise_arbitrary(*_: Any, **__: Any) -> Any:
    raise ArbitraryError


BEHAVIOURS: dict[str, Any] = {
    "raises": raise_arbitrary,
    "returns itself": lambda self, *_, **__: self,
    "returns None": lambda *_, **__: None,
    "returns text": lambda *_, **__: "\ud800",
    "returns a number": lambda *_, **__: -(2**80),
    "returns pairs": lambda *_, **__: [("a", 1), ("a", 2), (3, 4), "ab", None],
    "returns an iterator": lambda *_, **__: iter([1, "a", ("b", 2)]),
    "is not callable": 7,
    "is a property that raises": property(raise_arbitrary),
}
METHODS = [
    "__iter__",
    "__len__",
    "__getitem__",
    "__contains__",
    "__hash__",
    "__eq__",
    "__bool__",
    "__index__",
    "__int__",
    "__float__",
    "__str__",
    "__repr__",
    "__format__",
    "__class__",
    "__dict__",
    "__getattr__",
    "__dataclass_fields__",
    "__pydantic_root_model__",
    "model_dump",
    "items",
    "keys",
    "values",
    "get",
    "isoformat",
    "utcoffset",
    "tzinfo",
    "value",
    "_value_",
    "as_tuple",
    "is_finite",
    "hex",
    "int",
    "time",
    "date",
    "name",
    "scope",
    "key",
    "expires_at",
]
BASES: list[tuple[type, tuple[Any, ...]]] = [
    (object, ()),
    (dict, ({"a": 1},)),
    (list, ([1, "a"],)),
    (tuple, ((1, "a"),)),
    (str, ("text",)),
    (int, (7,)),
    (float, (0.5,)),
    (dt.datetime, (2030, 1, 31)),
    (dt.date, (2030, 1, 31)),
    (dt.time, (9, 30)),
    (decimal.Decimal, ("1.5",)),
    (set, ([1],)),
    (collections.UserDict, ({"a": 1},)),
    (Exception, ("text",)),
]


@settings(max_examples=examples(1_000))
@given(
    st.sampled_from(BASES),
    st.dictionaries(
        st.sampled_from(METHODS), st.sampled_from(sorted(BEHAVIOURS)), max_size=4
    ),
    st.sampled_from(sorted(USES)),
    st.sampled_from(["alone", "value", "item", "key"]),
)
def test_an_object_may_break_the_contract_of_its_type(
    base: tuple[type, tuple[Any, ...]],
    methods: dict[str, str],
    name: str,
    place: str,
) -> None:
    parent, arguments = base
    overridden = {method: BEHAVIOURS[kind] for method, kind in methods.items()}
    try:
        broken = type("Broken", (parent,), overridden)(*arguments)
        value = {
            "alone": broken,
            "value": {"name": "n", "scope": "user", "value": broken},
            "item": {"a": [broken, 1]},
            "key": {broken: 1} if place == "key" else None,
        }[place]
    except Exception:  # noqa: BLE001
        return  # Python itself cannot create the object, or not as a key.
    try:
        result = USES[name](value)
    except (*DOCUMENTED, KeyError):
        # KeyError comes from a mapping that says that it has a key, and does not.
        return
    if name in ("serialize_context", "payload", "session"):
        json.loads(result)
