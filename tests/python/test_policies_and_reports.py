"""Policies, reports, issues and sizes as Python objects."""

import copy
import json
import pickle
import re
from typing import Any

import cognigy_context as cc
import pytest

REPORT = cc.check({"customer.tier": "gold", "": 1, "n": float("nan")})


def copies_of(value: Any) -> list[Any]:
    """Returns copies of a value, by pickle and by copy."""
    pickled = [pickle.loads(pickle.dumps(value, protocol)) for protocol in range(2, 6)]
    return [*pickled, copy.copy(value), copy.deepcopy(value)]


def case_id(value: Any) -> str:
    """Returns a name for a test case that is the same in each process."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


# --- policies --------------------------------------------------------------------------------


def test_check_accepts_a_policy_or_its_fields_or_a_preset_name() -> None:
    value = {"note": "x" * 20}
    policy = cc.Policy("platform", max_context_bytes=10)
    fields = {"preset": "platform", "max_context_bytes": 10}
    reports = [cc.check(value, form) for form in (policy, fields)]
    reports += [
        cc.check_json('{"note": "%s"}' % ("x" * 20), form) for form in (policy, fields)
    ]
    assert all(report == reports[0] for report in reports)
    assert not reports[0].ok
    assert cc.check(value, "platform").ok and cc.check(value).ok


@pytest.mark.parametrize(
    "preset", ["injection", "context", "state", "platform", "platform_app"]
)
def test_policies_of_one_preset_are_equal_also_when_copied(preset: Any) -> None:
    policy = cc.Policy(preset)
    assert policy.preset == preset
    assert policy == cc.Policy(preset) and hash(policy) == hash(cc.Policy(preset))
    assert repr(policy) == f"Policy('{preset}')"
    for copied in copies_of(policy):
        assert copied == policy


def test_a_policy_has_the_values_of_its_arguments() -> None:
    fields: dict[str, Any] = {
        "names": "identifier",
        "reserved_prefixes": ("a_", "b_"),
        "max_name_length": 9,
        "allow_null": False,
        "strip_internal": True,
        "max_value_bytes": 100,
        "max_payload_bytes": 200,
        "max_context_bytes": None,
        "context_unit": "json",
        "max_depth": 4,
        "warn_from": 0.5,
        "unsafe_integers": "warning",
    }
    policy = cc.Policy("platform", **fields)
    assert {name: getattr(policy, name) for name in fields} == fields
    assert eval(repr(policy), {"Policy": cc.Policy}) == policy
    for copied in copies_of(policy):
        assert copied == policy and hash(copied) == hash(policy)


def test_replace_returns_a_new_policy() -> None:
    policy = cc.Policy("state", max_depth=9)
    other = policy.replace(max_depth=None, warn_from=1)
    assert (policy.max_depth, policy.warn_from) == (9, None)
    assert (other.preset, other.max_depth, other.warn_from) == ("state", None, 1.0)
    assert policy.replace(max_depth=3) == cc.Policy("state")
    assert policy.replace(preset="context").max_depth == 9
    assert policy != other and policy != "state"
    with pytest.raises(AttributeError):
        policy.max_depth = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    "spec",
    [
        "plattform",
        "",
        "\ud800",
        7,
        None,
        [],
        b"state",
        object(),
        {"max_bytes": 1},
        {"max_depth": -1},
        {"max_depth": 2**40},
        {"max_context_bytes": 10**30},
        {"max_context_bytes": 1.5},
        {"max_context_bytes": object()},
        {"warn_from": float("nan")},
        {"names": "ascii"},
        {"reserved_prefixes": "a"},
    ],
    ids=case_id,
)
def test_an_invalid_policy_is_a_configuration_error(spec: Any) -> None:
    for use in (cc.check, cc.check_json):
        with pytest.raises(cc.ConfigurationError, match="policy"):
            use("{}", spec)
    if isinstance(spec, dict):
        with pytest.raises(cc.ConfigurationError):
            cc.Policy(**spec)


# --- reports, issues, sizes ------------------------------------------------------------------


def test_a_report_lists_its_issues() -> None:
    assert not REPORT.ok and REPORT.omitted == 0
    assert isinstance(REPORT.issues, tuple) and REPORT.issues is REPORT.issues
    assert [(issue.severity, issue.code, issue.path) for issue in REPORT.issues] == [
        ("warning", "unreadable_key", "/customer.tier"),
        ("error", "invalid_name", "/"),
        ("error", "non_finite_number", "/n"),
    ]
    assert repr(REPORT) == "<Report ok=False errors=2 warnings=1>"
    assert str(REPORT).startswith("2 errors, 1 warning\n")
    for issue in REPORT.issues:
        assert str(issue) in str(REPORT)
    assert REPORT.to_dict() == {
        "ok": False,
        "issues": [issue.to_dict() for issue in REPORT.issues],
        "sizes": {"json_bytes": 38, "platform_bytes": 44, "depth": 0, "variables": 3},
        "omitted": 0,
    }


def test_raise_if_failed_raises_for_errors_and_returns_a_report_with_warnings() -> None:
    with pytest.raises(cc.ValidationError) as raised:
        REPORT.raise_if_failed()
    assert raised.value.report is REPORT
    assert raised.value.issues is REPORT.issues
    warned = cc.check({"a-b": 1})
    assert warned.raise_if_failed() is warned


def test_reports_issues_and_sizes_are_equal_to_their_copies() -> None:
    report = cc.check({"k": "x" * 40_000})
    for value in (report, REPORT, *report.issues, report.sizes):
        for copied in copies_of(value):
            assert copied == value and str(copied) == str(value)
            assert repr(copied) == repr(value)
    assert len({*report.issues, *copies_of(report)[0].issues}) == len(report.issues)
    assert hash(report.sizes) == hash(cc.measure({"k": "x" * 40_000}))
    assert (
        REPORT != report
        and report.sizes != REPORT.sizes
        and report.issues[0] != "issue"
    )
    with pytest.raises(TypeError):
        hash(report)


def test_an_issue_has_its_limit_and_actual_size() -> None:
    issue = cc.check({"k": "x" * 40_000}).issues[0]
    assert (issue.code, issue.limit, issue.actual) == (
        "would_be_replaced",
        64_000,
        80_002,
    )
    assert repr(issue) == (
        "Issue(code='would_be_replaced', severity='error', path='/k', limit=64000, actual=80002)"
    )
    assert issue.hint and "x" * 10 not in str(issue)


def test_an_issue_can_be_created_only_with_a_known_code_and_severity() -> None:
    issue = cc.Issue("near_limit", "warning", "/a", "close", 10, 9, "less")
    assert (issue.limit, issue.actual, issue.hint) == (10, 9, "less")
    assert issue == cc.Issue(
        "near_limit", "warning", "/a", "close", limit=10, actual=9, hint="less"
    )
    for code, severity in (("nearly", "warning"), ("near_limit", "grave")):
        with pytest.raises(ValueError, match="unknown code or severity"):
            cc.Issue(code, severity, "/a", "close")  # type: ignore[arg-type]


def test_reports_issues_and_sizes_are_read_only() -> None:
    for value, name in (
        (REPORT, "ok"),
        (REPORT.issues[0], "code"),
        (REPORT.sizes, "depth"),
    ):
        with pytest.raises(AttributeError):
            setattr(value, name, 1)


def test_codes_are_unique() -> None:
    assert isinstance(cc.CODES, tuple) and len(set(cc.CODES)) == len(cc.CODES)
    assert {"would_be_replaced", "lone_surrogate", "invalid_id"} <= set(cc.CODES)


# --- JSON text -------------------------------------------------------------------------------


def test_a_lone_surrogate_in_json_text_is_reported_with_its_path() -> None:
    def found(text: str) -> list[tuple[str, str]]:
        return [(issue.code, issue.path) for issue in cc.check_json(text).issues]

    assert found('{"a": ["x\ud800"], "k\udfff": 1}') == [
        ("lone_surrogate", "/a/0"),
        ("lone_surrogate", "/k\N{REPLACEMENT CHARACTER}"),
    ]
    assert found('{"a": "\ud83d\ude00"}') == []
    # After one backslash a surrogate is an invalid escape, after two it is text.
    assert found('{"a": "\\\ud800"}') == [("invalid_json", "/a")]
    assert found('{"a": "\\\\\ud800"}') == [("lone_surrogate", "/a")]
    assert found('{"a": \ud800}') == [("invalid_json", "/a")]


@pytest.mark.parametrize(
    "kind",
    [
        str,
        str.encode,
        lambda t: bytearray(t.encode()),
        lambda t: memoryview(t.encode()),
    ],
    ids=["str", "bytes", "bytearray", "memoryview"],
)
@pytest.mark.parametrize("size", [1, 100_000], ids=["short", "long"])
def test_json_text_may_be_str_bytes_bytearray_or_memoryview(
    kind: Any, size: int
) -> None:
    text = '{"ü": "%s"}' % ("😀" * size)
    assert cc.measure_json(kind(text)) == cc.measure({"ü": "😀" * size})
    assert cc.check_json(kind(text), "injection") == cc.check(
        {"ü": "😀" * size}, "injection"
    )


def test_a_non_contiguous_memoryview_is_accepted() -> None:
    assert cc.measure_json(memoryview(b'{_"_a_"_:_1_}_')[::2]).json_bytes == 7


def test_bytes_that_are_not_utf_8_are_invalid_json() -> None:
    assert [issue.code for issue in cc.check_json(b'{"a": "\xff"}').issues] == [
        "invalid_json"
    ]


@pytest.mark.parametrize("text", [None, 7, {}, ["{}"]])
def test_json_text_of_another_type_is_a_type_error(text: Any) -> None:
    for use in (cc.check_json, cc.measure_json):
        with pytest.raises(TypeError, match="JSON text must be"):
            use(text)


# --- an existing context ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        lambda text: {"history": text},
        lambda text: json.dumps({"history": text}),
        lambda text: json.dumps({"history": text}).encode(),
    ],
    ids=["dict", "str", "bytes"],
)
def test_an_existing_context_may_be_a_dict_or_json_text(form: Any) -> None:
    existing = form("x" * 31_000)
    note = "y" * 1_000
    for report in (
        cc.check({"note": note}, existing=existing),
        cc.check_json(json.dumps({"note": note}), "platform", existing),
    ):
        assert [(i.code, i.path, i.actual) for i in report.issues] == [
            ("would_be_replaced", "/note", 64_022),
            ("context_too_large", "", 64_022),
        ]


@pytest.mark.parametrize(
    "existing", [[], 7, "[]", "{", b"\xff", {"a": object()}], ids=case_id
)
def test_an_invalid_existing_context_is_an_issue(
    existing: Any,
) -> None:
    report = cc.check({"a": 1}, existing=existing)
    assert not report.ok
    assert all("existing context" in issue.message for issue in report.issues)


def test_hash_session_id_returns_a_sha_256_digest() -> None:
    hashed = cc.hash_session_id("s-1")
    assert len(hashed) == 64 and hashed.startswith("6a840b")
    with pytest.raises(cc.ValidationError) as raised:
        cc.hash_session_id("\ud800")
    assert raised.value.issues[0].code == "lone_surrogate"


def test_the_error_of_a_policy_field_names_no_value_and_no_rust_type() -> None:
    for field, wrong in {
        "max_depth": (-1, 2**32, 1.5, "a-value", True, [1]),
        "max_context_bytes": (-1, 2**64, 1.5, "a-value", {}),
        "warn_from": ("a-value", True),
        "allow_null": (7_654, "a-value"),
        "names": (7_654, "a-value", {}),
        "unsafe_integers": (7_654, "a-value"),
        "context_unit": (7_654, "a-value"),
        "reserved_prefixes": ("a-value", [7_654]),
    }.items():
        for value in wrong:
            with pytest.raises(
                cc.ConfigurationError, match=f"`{field}` must be"
            ) as raised:
                cc.Policy(**{field: value})
            message = str(raised.value)
            for hidden in ("u32", "u64", "f64", "sequence", "a-value", "7654", "-1"):
                assert hidden not in message
    assert cc.Policy(max_context_bytes=2**64 - 1).max_context_bytes == 2**64 - 1
