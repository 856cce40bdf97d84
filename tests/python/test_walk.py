"""What the walk makes of Python's own kinds of values."""

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
    """A str with an equality of its own, so that a dict takes the same text twice."""

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


def body(value: Any, policy: Any = "context") -> str:
    """The JSON that the walk writes."""
    text = cc.inject_context_request("https://host", "s", "u", value, policy=policy)[
        "body"
    ]
    start = '{"userId":"u","context":'
    assert text.startswith(start) and text.endswith("}")
    return text[len(start) : -1]


def found(value: Any, policy: Any = "platform") -> list[tuple[str, str]]:
    return [(issue.code, issue.path) for issue in cc.check(value, policy).issues]


# --- scalars ---------------------------------------------------------------------------------


def test_booleans_are_no_numbers() -> None:
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
def test_numbers_are_written_in_full(number: float, text: str) -> None:
    assert body({"n": number}) == f'{{"n":{text}}}'


@pytest.mark.parametrize("digits", [640, 4300])
def test_numbers_do_not_depend_on_pythons_limit_of_digits(digits: int) -> None:
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(digits)
    try:
        assert cc.measure(10**308).json_bytes == 309
        assert found({"n": 10**309}) == [("unsafe_integer", "/n")]
        assert found({"n": -(10**5000)}) == [("unsafe_integer", "/n")]
    finally:
        sys.set_int_max_str_digits(before)


def test_the_last_integer_of_a_double_is_the_last_that_is_written() -> None:
    last = 2**1024 - 2**970 - 1
    assert found({"n": last}, "context") == [("unsafe_integer", "/n")]
    assert cc.check({"n": last}, "context").ok
    assert found({"n": last + 1}, "context") == [("unsafe_integer", "/n")]
    assert not cc.check({"n": last + 1}, "context").ok


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_cannot_say_are_errors(number: float) -> None:
    assert found({"n": [number]}) == [("non_finite_number", "/n/0")]


def test_halves_of_surrogate_pairs() -> None:
    assert found({"a": "x\ud800"}) == [("lone_surrogate", "/a")]
    assert found({"a": ["\udfff"]}) == [("lone_surrogate", "/a/0")]
    assert found({"k\ud800": 1}) == [("lone_surrogate", "/k\N{REPLACEMENT CHARACTER}")]
    assert found({"a": "\ude00\ud83d"}) == [("lone_surrogate", "/a")]
    assert cc.check({"a": "\ud800"}).sizes.json_bytes == len('{"a":"???"}')


def test_two_halves_that_follow_each_other_are_a_character() -> None:
    assert body({"a": "\ud83d\ude00", "\ud83d\ude00": 1}) == '{"a":"😀","😀":1}'
    assert found({"a": "\ud83d\ude00"}) == []


def test_text_is_escaped_where_json_wants_it() -> None:
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


def test_subclasses_count_as_what_they_hold() -> None:
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


def test_an_ordered_dict_keeps_its_own_order() -> None:
    ordered = collections.OrderedDict(a=1, b=2, c=3)
    ordered.move_to_end("a")
    assert body(ordered) == '{"b":2,"c":3,"a":1}'


def test_a_dict_subclass_is_what_its_items_say() -> None:
    class Last(dict[str, Any]):
        def items(self) -> Any:
            return [(key, values[-1]) for key, values in super().items()]

    assert body({"a": Last(x=[1, 2])}) == '{"a":{"x":2}}'


@pytest.mark.parametrize("items", [None, 7, [1], [(1,)], [("a", 1, 2)], ["ab"]])
def test_a_dict_subclass_with_items_that_are_none_has_no_json_form(items: Any) -> None:
    odd = type("Odd", (dict,), {"items": lambda self: items})
    assert found({"a": odd()}) == [("unserializable_type", "/a")]


def test_an_error_within_items_is_a_finding_and_an_interrupt_is_not() -> None:
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
def test_what_has_no_json_form_is_an_error_where_it_stands(value: Any) -> None:
    assert found({"a": [1, value]}) == [("unserializable_type", "/a/1")]
    with pytest.raises(cc.ValidationError):
        cc.measure(value)


# --- keys ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key", [1, 1.5, None, True, (1,), b"b", Number.SEVEN, object()]
)
def test_keys_that_are_no_strings_are_refused_not_turned_into_text(key: Any) -> None:
    report = cc.check({"a": {key: 1, "b": 2}})
    assert [(issue.code, issue.path) for issue in report.issues] == [
        ("non_string_key", "/a")
    ]
    assert report.sizes.json_bytes == len('{"a":{"b":2}}')


def test_a_text_that_is_twice_a_key_is_found() -> None:
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
    # What is left out is left out as often as it is there.
    assert found({Text("__k"): 1, Text("__k"): 2, "__k": 3, "a": 1}, "context") == []


def test_halves_that_come_out_alike_are_twice_a_key() -> None:
    assert [code for code, _ in found(dict.fromkeys(["\ud800", "\ud801"], 1))] == [
        "lone_surrogate",
        "lone_surrogate",
        "duplicate_key",
    ]


# --- depth and cycles ------------------------------------------------------------------------


def test_cycles_are_found_where_they_close() -> None:
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


def test_the_same_value_in_two_places_is_no_cycle() -> None:
    shared = {"x": [1]}
    assert body({"a": shared, "b": [shared, shared]}) == (
        '{"a":{"x":[1]},"b":[{"x":[1]},{"x":[1]}]}'
    )


def nested(depth: int, wrap: Any) -> Any:
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
def test_nesting_ends_at_128_levels(wrap: Any) -> None:
    assert found({"a": nested(128, wrap)}) == []
    assert [code for code, _ in found({"a": nested(129, wrap)})] == ["nesting_too_deep"]


def test_a_hundred_thousand_levels_are_one_issue() -> None:
    for wrap in (WRAPPERS["lists"], WRAPPERS["dicts"]):
        value = nested(100_000, wrap)
        assert [code for code, _ in found({"a": value})] == ["nesting_too_deep"]
        while not isinstance(value, int):
            (value,) = value.values() if isinstance(value, dict) else value


def test_a_mapping_without_end_is_one_issue() -> None:
    class Endless(dict[str, Any]):
        def items(self) -> Any:
            return [("k", Endless())]

    assert [code for code, _ in found({"a": Endless()})] == ["nesting_too_deep"]


# --- code that runs within the walk ----------------------------------------------------------


@pytest.fixture
def quick_collections() -> Iterator[None]:
    """Keeps what is there already out of the collections of a test, which has a thousand of them."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


class Meddling(dict[str, Any]):
    """Runs `meddle` when it is walked."""

    def __init__(self, meddle: Any) -> None:
        super().__init__(inside=[1])
        self.meddle = meddle

    def items(self) -> Any:
        self.meddle()
        gc.collect()
        return super().items()


@pytest.mark.usefixtures("quick_collections")
def test_values_may_go_away_while_they_are_walked() -> None:
    def clear_all() -> None:
        outer.clear()
        inner.clear()
        junk.extend("x" * 100 + str(number) for number in range(1000))

    junk: list[str] = []
    for _ in range(50):
        inner: list[Any] = [
            "a" * 50,
            {"k" * 60: Meddling(clear_all)},
            "b" * 50,
            {"c": [1]},
        ]
        outer: list[Any] = [{"key" * 20: inner}, "after" * 20]
        assert cc.measure(outer).json_bytes > 0
        assert outer == inner == []


def test_a_dict_that_changes_size_under_the_walk_is_an_error_as_in_python() -> None:
    value: dict[str, Any] = {"before": 1}
    value["m"] = Meddling(lambda: value.pop("before"))
    with pytest.raises(RuntimeError, match="changed size"):
        cc.check(value)


@pytest.mark.usefixtures("quick_collections")
def test_keys_may_go_away_while_their_values_are_walked() -> None:
    for _ in range(50):
        value: dict[str, Any] = {}

        def replace_all(value: dict[str, Any] = value) -> None:
            count = len(value)
            value.clear()
            value.update({f"other{number}": "y" * 30 for number in range(count)})

        for number in range(20):
            value[f"some key of its own {number}"] = {"m": Meddling(replace_all)}
        try:
            cc.check(value, "platform")
        except RuntimeError as error:
            assert "changed size" in str(error)


def test_the_garbage_collector_is_as_it_was() -> None:
    seen: list[bool] = []
    value = {"m": Meddling(lambda: seen.append(gc.isenabled())), "s": "\ud800"}
    try:
        for enabled in (True, False):
            (gc.enable if enabled else gc.disable)()
            cc.check(value)
            assert gc.isenabled() is enabled
            assert seen.pop() is enabled
    finally:
        gc.enable()


def test_nothing_is_kept_of_what_was_walked() -> None:
    class Kept(dict[str, Any]):
        pass

    value = Kept(a=[object(), "\ud800", {"b": 1}])
    watch = weakref.ref(value)
    report = cc.check(value)
    del value
    assert watch() is None
    assert len(report.issues) == 2


def test_references_are_given_back() -> None:
    key, leaf = "a key of its own", object()
    value = collections.OrderedDict({key: [leaf, {key: leaf}], "b": ("\ud800", 2**80)})
    before = [sys.getrefcount(item) for item in (value, key, leaf)]
    for _ in range(100):
        cc.check(value)
    assert [sys.getrefcount(item) for item in (value, key, leaf)] == before


def test_threads_walk_one_value_at_once() -> None:
    value = {f"k{number}": [number, "text", {"x": None}] for number in range(200)}
    expected = cc.measure(value)
    wrong: list[Any] = []

    def work() -> None:
        for _ in range(200):
            if cc.measure(value) != expected:
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
