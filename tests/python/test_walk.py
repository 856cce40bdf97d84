"""The walker of Python objects: scalars, subclasses, keys, cycles, callbacks."""

import collections
import enum
import gc
import json
import sys
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import cognigy_context as cc
import pytest


class Text(str):
    """A str that equals only itself, so that a dict accepts the same text twice as a key."""

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


def body(value: Any, policy: Any = "context") -> str:
    """Returns the JSON that the walker writes."""
    text = cc.inject_context_request("https://host", "s", "u", value, policy=policy)[
        "body"
    ]
    start = '{"userId":"u","context":'
    assert text.startswith(start) and text.endswith("}")
    return text[len(start) : -1]


def found(value: Any, policy: Any = "platform") -> list[tuple[str, str]]:
    """Returns the code and path of each issue of a value."""
    return [(issue.code, issue.path) for issue in cc.check(value, policy).issues]


# --- scalars ---------------------------------------------------------------------------------


def test_booleans_are_written_and_measured_as_booleans() -> None:
    assert body({"t": True, "f": False, "n": None}) == '{"t":true,"f":false,"n":null}'
    assert cc.measure(True).platform_bytes == 4
    assert cc.measure(1).platform_bytes == 8


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (-1, "-1"),
        (2**63 - 1, "9223372036854775807"),
        (-(2**63), "-9223372036854775808"),
        (2**63, "9223372036854775808"),
        (2**64, "18446744073709551616"),
        (-(10**30), "-1" + "0" * 30),
        (10**308, "1" + "0" * 308),
        (1.0, "1.0"),
        (-0.0, "-0.0"),
        (0.1, "0.1"),
        (1e20, "1e+20"),
        (5e-324, "5e-324"),
        (sys.float_info.max, "1.7976931348623157e+308"),
    ],
)
def test_numbers_are_written_with_all_digits(number: float, text: str) -> None:
    assert body({"n": number}) == f'{{"n":{text}}}'


@pytest.mark.parametrize("digits", [640, 4300])
def test_large_integers_do_not_depend_on_the_digit_limit_of_python(digits: int) -> None:
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(digits)
    try:
        assert cc.measure(10**308).json_bytes == 309
        assert found({"n": 10**309}) == [("unsafe_integer", "/n")]
        assert found({"n": -(10**5000)}) == [("unsafe_integer", "/n")]
    finally:
        sys.set_int_max_str_digits(before)


def test_integers_beyond_the_range_of_a_double_are_errors() -> None:
    last = 2**1024 - 2**970 - 1
    assert found({"n": last}, "context") == [("unsafe_integer", "/n")]
    assert cc.check({"n": last}, "context").ok
    assert found({"n": last + 1}, "context") == [("unsafe_integer", "/n")]
    assert not cc.check({"n": last + 1}, "context").ok


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_nan_and_infinities_are_errors(number: float) -> None:
    assert found({"n": [number]}) == [("non_finite_number", "/n/0")]


def test_lone_surrogates_are_errors() -> None:
    assert found({"a": "x\ud800"}) == [("lone_surrogate", "/a")]
    assert found({"a": ["\udfff"]}) == [("lone_surrogate", "/a/0")]
    assert found({"k\ud800": 1}) == [("lone_surrogate", "/k\N{REPLACEMENT CHARACTER}")]
    assert found({"a": "\ude00\ud83d"}) == [("lone_surrogate", "/a")]
    assert cc.check({"a": "\ud800"}).sizes.json_bytes == len('{"a":"???"}')


def test_two_surrogates_in_order_are_one_character() -> None:
    assert body({"a": "\ud83d\ude00", "\ud83d\ude00": 1}) == '{"a":"😀","😀":1}'
    assert found({"a": "\ud83d\ude00"}) == []


def test_text_is_escaped_as_json_requires() -> None:
    text = "".join(map(chr, range(0x20))) + '"\\/\x7f\u2028é漢😀'
    assert json.loads(body({"a": text})) == {"a": text}
    assert body({"a": text}) == json.dumps(
        {"a": text}, ensure_ascii=False, separators=(",", ":")
    )


# --- subclasses ------------------------------------------------------------------------------


class Number(enum.IntEnum):
    SEVEN = 7


class Word(str, enum.Enum):
    WORD = "word"


class Ratio(float):
    def __repr__(self) -> str:
        return "a ratio"


class Count(int):
    def __str__(self) -> str:
        return "a count"

    __repr__ = __str__


Point = collections.namedtuple("Point", "x y")


def test_subclasses_are_written_as_their_base_type() -> None:
    value = {
        "int enum": Number.SEVEN,
        "str enum": Word.WORD,
        "float": Ratio(0.5),
        "int": Count(2**70),
        "namedtuple": Point(1, [2]),
        "default": collections.defaultdict(list, {"a": [1]}),
        "counter": collections.Counter("aa"),
        "list": type("List", (list,), {})([1]),
        "str": type("Str", (str,), {})("s"),
        Word.WORD: 1,
    }
    assert body(value) == (
        '{"int enum":7,"str enum":"word","float":0.5,"int":1180591620717411303424,'
        '"namedtuple":[1,[2]],"default":{"a":[1]},"counter":{"a":2},"list":[1],"str":"s","word":1}'
    )


def test_an_ordered_dict_is_written_in_its_order() -> None:
    ordered = collections.OrderedDict(a=1, b=2, c=3)
    ordered.move_to_end("a")
    assert body(ordered) == '{"b":2,"c":3,"a":1}'


def test_a_dict_subclass_is_written_from_its_items() -> None:
    class LastValue(dict[str, Any]):
        def items(self) -> Any:
            return [(key, values[-1]) for key, values in super().items()]

    assert body({"a": LastValue(x=[1, 2])}) == '{"a":{"x":2}}'


@pytest.mark.parametrize("items", [None, 7, [1], [(1,)], [("a", 1, 2)], ["ab"]])
def test_a_dict_subclass_with_invalid_items_is_an_error(items: Any) -> None:
    invalid = type("Invalid", (dict,), {"items": lambda self: items})
    assert found({"a": invalid()}) == [("unserializable_type", "/a")]


def test_an_exception_in_items_is_an_issue_and_a_fatal_exception_is_raised() -> None:
    def failing(error: BaseException) -> Any:
        def items(self: Any) -> Any:
            raise error

        return type("Failing", (dict,), {"items": items})()

    assert found({"a": failing(RuntimeError("a value"))}) == [
        ("unserializable_type", "/a")
    ]
    for error in (KeyboardInterrupt(), SystemExit(), MemoryError()):
        with pytest.raises(type(error)):
            cc.check({"a": failing(error)})


@pytest.mark.parametrize(
    "value",
    [
        object(),
        b"bytes",
        bytearray(),
        1j,
        range(3),
        iter([]),
        (x for x in ()),
        type,
        len,
        collections.deque(),
        ...,
        NotImplemented,
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_without_a_json_form_is_an_error_with_its_path(value: Any) -> None:
    assert found({"a": [1, value]}) == [("unserializable_type", "/a/1")]
    with pytest.raises(cc.ValidationError):
        cc.measure(value)


# --- keys ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key", [1, 1.5, None, True, (1,), b"b", Number.SEVEN, object()]
)
def test_a_key_that_is_not_a_str_is_an_error(key: Any) -> None:
    report = cc.check({"a": {key: 1, "b": 2}})
    assert [(issue.code, issue.path) for issue in report.issues] == [
        ("non_string_key", "/a")
    ]
    assert report.sizes.json_bytes == len('{"a":{"b":2}}')


def test_two_keys_with_the_same_text_are_an_error() -> None:
    assert found({"a": {Text("k"): 1, Text("k"): 2, "b": 3}}) == [
        ("duplicate_key", "/a/k")
    ]
    assert found({"a": {"k": 1, Text("k"): 2, Text("k"): 3}}) == [
        ("duplicate_key", "/a/k"),
        ("duplicate_key", "/a/k"),
    ]
    assert found({Text("k"): 1, "k": 2}) == [("duplicate_key", "/k")]
    assert found(collections.OrderedDict([("k", 1), (Text("k"), 2)])) == [
        ("duplicate_key", "/k")
    ]
    assert found({Text("k"): 1, Text("l"): 2}) == []
    # Every internal key is removed, also a duplicate one.
    assert found({Text("__k"): 1, Text("__k"): 2, "__k": 3, "a": 1}, "context") == []


def test_two_lone_surrogate_keys_with_the_same_output_are_duplicates() -> None:
    assert [code for code, _ in found(dict.fromkeys(["\ud800", "\ud801"], 1))] == [
        "lone_surrogate",
        "lone_surrogate",
        "duplicate_key",
    ]


# --- depth and cycles ------------------------------------------------------------------------


def test_a_cycle_is_an_error_with_its_path() -> None:
    in_list: list[Any] = [1]
    in_list.append(in_list)
    in_dict: dict[str, Any] = {}
    in_dict["self"] = in_dict
    long: dict[str, Any] = {"a": [{"b": ()}]}
    long["a"][0]["b"] = (long,)
    ordered: Any = collections.OrderedDict()
    ordered["o"] = [ordered]
    assert found({"a": in_list}) == [("circular_reference", "/a/1")]
    assert found(in_dict) == [("circular_reference", "/self")]
    assert found(long) == [("circular_reference", "/a/0/b/0")]
    assert found(ordered) == [("circular_reference", "/o/0")]


def test_the_same_value_in_two_places_is_not_a_cycle() -> None:
    shared = {"x": [1]}
    assert body({"a": shared, "b": [shared, shared]}) == (
        '{"a":{"x":[1]},"b":[{"x":[1]},{"x":[1]}]}'
    )


def nested(depth: int, wrap: Any) -> Any:
    """Returns the number 1 within containers."""
    value: Any = 1
    for _ in range(depth):
        value = wrap(value)
    return value


WRAPPERS = {
    "lists": lambda value: [value],
    "tuples": lambda value: (value,),
    "dicts": lambda value: {"k": value},
    "ordered dicts": lambda value: collections.OrderedDict(k=value),
}


@pytest.mark.parametrize("wrap", WRAPPERS.values(), ids=WRAPPERS.keys())
def test_128_levels_are_accepted_and_129_are_an_error(wrap: Any) -> None:
    assert found({"a": nested(128, wrap)}) == []
    assert [code for code, _ in found({"a": nested(129, wrap)})] == ["nesting_too_deep"]


def test_100000_levels_are_one_issue() -> None:
    for wrap in (WRAPPERS["lists"], WRAPPERS["dicts"]):
        value = nested(100_000, wrap)
        assert [code for code, _ in found({"a": value})] == ["nesting_too_deep"]
        # Frees the levels one by one, without recursion.
        while not isinstance(value, int):
            (value,) = value.values() if isinstance(value, dict) else value


def test_an_endless_mapping_is_one_issue() -> None:
    class Endless(dict[str, Any]):
        def items(self) -> Any:
            return [("k", Endless())]

    assert [code for code, _ in found({"a": Endless()})] == ["nesting_too_deep"]


# --- code that runs during the walk ----------------------------------------------------------


@pytest.fixture
def quick_collections() -> Iterator[None]:
    """Freezes existing objects, so that the many collections of a test are fast."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


class Callback(dict[str, Any]):
    """Calls a function and collects garbage when the walker reads the items."""

    def __init__(self, function: Any) -> None:
        super().__init__(inside=[1])
        self.function = function

    def items(self) -> Any:
        self.function()
        gc.collect()
        return super().items()


@pytest.mark.usefixtures("quick_collections")
def test_values_can_be_freed_during_the_walk() -> None:
    def clear_all() -> None:
        outer.clear()
        inner.clear()
        junk.extend("x" * 100 + str(number) for number in range(1000))

    junk: list[str] = []
    for _ in range(50):
        inner: list[Any] = [
            "a" * 50,
            {"k" * 60: Callback(clear_all)},
            "b" * 50,
            {"c": [1]},
        ]
        outer: list[Any] = [{"key" * 20: inner}, "after" * 20]
        assert cc.measure(outer).json_bytes > 0
        assert outer == inner == []


def test_a_dict_that_changes_size_during_the_walk_is_a_runtime_error() -> None:
    value: dict[str, Any] = {"before": 1}
    value["m"] = Callback(lambda: value.pop("before"))
    with pytest.raises(RuntimeError, match="changed size"):
        cc.check(value)


@pytest.mark.usefixtures("quick_collections")
def test_keys_can_be_freed_during_the_walk_of_their_values() -> None:
    for _ in range(50):
        value: dict[str, Any] = {}

        def replace_all(value: dict[str, Any] = value) -> None:
            count = len(value)
            value.clear()
            value.update({f"other{number}": "y" * 30 for number in range(count)})

        for number in range(20):
            value[f"a unique key {number}"] = {"m": Callback(replace_all)}
        try:
            cc.check(value, "platform")
        except RuntimeError as error:
            assert "changed size" in str(error)


def test_the_garbage_collector_stays_enabled_or_disabled() -> None:
    seen: list[bool] = []
    value = {"m": Callback(lambda: seen.append(gc.isenabled())), "s": "\ud800"}
    try:
        for enabled in (True, False):
            (gc.enable if enabled else gc.disable)()
            cc.check(value)
            assert gc.isenabled() is enabled
            assert seen.pop() is enabled
    finally:
        gc.enable()


def test_a_report_does_not_reference_the_checked_value() -> None:
    class Value(dict[str, Any]):
        pass

    value = Value(a=[object(), "\ud800", {"b": 1}])
    watch = weakref.ref(value)
    report = cc.check(value)
    del value
    assert watch() is None
    assert len(report.issues) == 2


def test_reference_counts_are_unchanged_after_a_check() -> None:
    key, leaf = "a unique key", object()
    value = collections.OrderedDict({key: [leaf, {key: leaf}], "b": ("\ud800", 2**80)})
    before = [sys.getrefcount(item) for item in (value, key, leaf)]
    for _ in range(100):
        cc.check(value)
    assert [sys.getrefcount(item) for item in (value, key, leaf)] == before


def test_several_threads_can_measure_one_value() -> None:
    value = {f"k{number}": [number, "text", {"x": None}] for number in range(200)}
    expected = cc.measure(value)
    different: list[Any] = []

    def work() -> None:
        for _ in range(200):
            if cc.measure(value) != expected:
                different.append(1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert different == []
