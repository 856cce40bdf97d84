"""Random values: sizes equal simple implementations, text and value have one report."""

import json
import sys
from typing import Any

import cognigy_context as cc
from hypothesis import given, settings
from hypothesis import strategies as st
from seed import SOAK


def examples(default: int) -> int:
    """Returns the number of examples: ten times the default in the soak tests."""
    return default * 10 if SOAK else default


TEXT = st.text(max_size=12)
KEYS = st.one_of(
    TEXT, st.sampled_from(["", "a", "a.b", "__x", "_user", "ai", "é", "😀"])
)
INTEGERS = st.one_of(st.integers(-(2**70), 2**70), st.integers(-(2**53) - 2, 2**53 + 2))
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.one_of(st.none(), st.booleans(), INTEGERS, FLOATS, TEXT)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5), st.dictionaries(KEYS, inner, max_size=5)
    ),
    max_leaves=12,
)
CONTEXTS = st.dictionaries(KEYS, VALUES, max_size=6)
PRESETS = st.sampled_from(["injection", "context", "state", "platform", "platform_app"])


def naive_platform_bytes(value: Any) -> int:
    """Returns the platform bytes of a value, by a simple implementation."""
    if value is None:
        return 0
    if isinstance(value, bool):
        return 4
    if isinstance(value, int | float):
        return 8
    if isinstance(value, str):
        return 2 * sum(2 if ord(character) > 0xFFFF else 1 for character in value)
    if isinstance(value, list):
        return sum(naive_platform_bytes(item) for item in value)
    return sum(
        naive_platform_bytes(key) + naive_platform_bytes(item)
        for key, item in value.items()
    )


def naive_depth(value: Any) -> int:
    """Returns the number of nested containers, by a simple implementation."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return 1 + max(map(naive_depth, value), default=0)
    return 0


@settings(max_examples=examples(10_000))
@given(VALUES)
def test_platform_bytes_equal_a_simple_implementation(value: Any) -> None:
    assert cc.measure(value).platform_bytes == naive_platform_bytes(value)


@settings(max_examples=examples(1_000))
@given(CONTEXTS)
def test_other_sizes_equal_simple_implementations(value: Any) -> None:
    sizes = cc.measure(value)
    assert sizes.variables == len(value)
    assert sizes.depth == max(map(naive_depth, value.values()), default=0)
    body = cc.inject_context_request(
        "https://h",
        "s",
        "u",
        value,
        policy={"names": "any", "unsafe_integers": "warning"},
    )["body"]
    assert json.loads(body) == {"userId": "u", "context": value}
    assert sizes.json_bytes == len(body.encode()) - len('{"userId":"u","context":}')
    assert sizes == cc.measure_json(body[len('{"userId":"u","context":') : -1])


@settings(max_examples=examples(1_000))
@given(CONTEXTS, PRESETS, st.booleans())
def test_an_object_and_its_json_text_give_the_same_report(
    value: Any, preset: Any, ascii_only: bool
) -> None:
    text = json.dumps(with_common_floats(value), ensure_ascii=ascii_only)
    assert cc.check(with_common_floats(value), preset) == cc.check_json(text, preset)


def with_common_floats(value: Any) -> Any:
    """Replaces floats that Python and the core may write differently by 0.5."""
    if isinstance(value, float):
        return (
            value if repr(value) == repr(round(value, 3)) and abs(value) < 1e9 else 0.5
        )
    if isinstance(value, list):
        return [with_common_floats(item) for item in value]
    if isinstance(value, dict):
        return {key: with_common_floats(item) for key, item in value.items()}
    return value


ANY_TEXT = st.text(alphabet=st.characters(), max_size=6)
ANY_KEY = st.one_of(
    ANY_TEXT,
    st.integers(),
    st.none(),
    st.booleans(),
    st.binary(max_size=2),
    st.tuples(),
)
ANYTHING = st.recursive(
    st.one_of(
        SCALARS,
        ANY_TEXT,
        st.floats(),
        st.integers(-(10**400), 10**400),
        st.binary(),
        st.complex_numbers(),
        st.dates(),
        st.uuids(),
        st.decimals(),
        st.sampled_from([object(), int, len, ..., NotImplemented, sys]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(ANY_KEY, inner, max_size=4),
        st.frozensets(st.integers(), max_size=2),
    ),
    max_leaves=10,
)


@settings(max_examples=examples(2_000))
@given(ANYTHING, PRESETS)
def test_check_returns_a_report_for_any_object(value: Any, preset: Any) -> None:
    report = cc.check(value, preset)
    assert {issue.code for issue in report.issues} <= set(cc.CODES)
    assert report.ok == all(issue.severity == "warning" for issue in report.issues)
    if report.ok:
        assert json.loads(cc.serialize_context(value)) is not None


@settings(max_examples=examples(2_000))
@given(st.one_of(st.text(), st.binary(), ANY_TEXT, VALUES.map(json.dumps)))
def test_check_json_returns_a_report_for_any_text(text: str | bytes) -> None:
    report = cc.check_json(text, "context")
    assert {issue.code for issue in report.issues} <= set(cc.CODES)
    is_rejected = "invalid_json" in {issue.code for issue in report.issues}
    try:
        json.loads(text, parse_constant=reject_constant)
    except (ValueError, RecursionError):
        assert is_rejected
    else:
        # Python also reads UTF-16 and UTF-32, byte order marks and bare surrogates.
        assert not is_rejected or not is_plain(text)


def reject_constant(name: str) -> None:
    raise ValueError(name)


def is_plain(text: str | bytes) -> bool:
    """Reports whether text is UTF-8 without a byte order mark and zero bytes."""
    try:
        plain = text.encode() if isinstance(text, str) else text
        plain.decode()
    except UnicodeError:
        return False
    return not plain.startswith(b"\xef\xbb\xbf") and b"\0" not in plain
