"""The workflows with Python values that JSON does not have."""

import collections
import copy
import dataclasses
import datetime as dt
import json
import pickle
import sys
import threading
import types
from collections.abc import Mapping
from typing import Any

import cognigy_context as cc
import pytest
from hypothesis import given
from hypothesis import strategies as st


def found(report: cc.Report) -> list[tuple[str, str]]:
    """Returns the code and path of each issue of a report."""
    return [(issue.code, issue.path) for issue in report.issues]


def copies_of(value: Any) -> list[Any]:
    """Returns copies of a value, by pickle and by copy."""
    return [pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)]


# --- coercion --------------------------------------------------------------------------------


def test_text_that_is_not_coerced_is_the_same_object() -> None:
    for text in ("007", "gold", "", "1.50", "\ud800", '"\ud800"', "[\ud800]"):
        assert cc.coerce(text) is text
        assert cc.coerce(text, hint="string") is text
    other = object()
    assert cc.coerce(other, "compat", "number") is other


def test_text_with_a_lone_surrogate_cannot_be_converted_to_a_hinted_type() -> None:
    for hint in ("number", "json", "object"):
        with pytest.raises(cc.ValidationError) as raised:
            cc.coerce('"\ud800"', hint=hint)
        assert found(raised.value.report) == [("coercion_failed", "")]


def test_integers_beyond_the_digit_limit_of_python_stay_text() -> None:
    before = sys.get_int_max_str_digits()
    try:
        sys.set_int_max_str_digits(4300)
        assert cc.coerce("9" * 4300, "compat") == 10**4300 - 1
        assert cc.coerce("9" * 4301, "compat") == "9" * 4301
        assert cc.coerce("[123456789012345678901]", "compat") == [123456789012345678901]
        assert cc.coerce(f"[{'9' * 4300}]", "compat") == [10**4300 - 1]
        assert cc.coerce(f"[{'9' * 4301}]", "compat") == f"[{'9' * 4301}]"
        sys.set_int_max_str_digits(640)
        assert cc.coerce("9" * 4300, "compat") == "9" * 4300
        assert cc.coerce(f"[{'9' * 700}]", "compat") == f"[{'9' * 700}]"
        page = {"variables": [{"name": "a", "value": f"[{'9' * 700}]", "scope": "bot"}]}
        read = cc.parse_variables(json.dumps(page), mode="compat")
        assert read["a"].value == f"[{'9' * 700}]"
    finally:
        sys.set_int_max_str_digits(before)


def test_an_unknown_mode_is_a_configuration_error() -> None:
    with pytest.raises(cc.ConfigurationError):
        cc.coerce("1", "strict")  # type: ignore[arg-type]
    with pytest.raises(cc.ConfigurationError):
        cc.parse_variables(b'{"variables": []}', mode="x")  # type: ignore[arg-type]


# --- variables -------------------------------------------------------------------------------

PAGE = b"""{"variables": [
    {"name": "a", "value": "1", "scope": "bot"},
    {"name": "a", "value": "123456789012345678901234567890", "scope": "user"},
    {"name": "b", "value": [123456789012345678901234567890], "scope": "x", "type": "array"}],
    "pagination": {"nextCursor": "c"}}"""


@pytest.mark.parametrize(
    "form", [bytes, bytearray, memoryview, lambda page: page.decode()]
)
def test_a_page_may_be_text_or_bytes(form: Any) -> None:
    variables = cc.parse_variables(form(PAGE), mode="compat")
    assert (
        variables["a"].value
        == variables["b"].value[0]
        == 123456789012345678901234567890
    )
    assert (variables["b"].scope, variables["b"].type) == ("x", "array")
    assert variables.next_cursor == "c" and variables.issues == ()
    (shadowed,) = variables.shadowed
    assert shadowed == (cc.ScopedVariable("a", 1, "bot"), "user")


def test_variables_is_a_read_only_mapping() -> None:
    variables = cc.parse_variables(PAGE)
    assert isinstance(variables, Mapping)
    assert list(variables) == list(variables.keys()) == ["a", "b"]
    assert len(variables) == 2 and "a" in variables and 7 not in variables
    assert dict(variables) == dict(variables.items()) == variables
    assert variables.get("z") is None and variables.get("z", 1) == 1
    assert variables == cc.parse_variables(PAGE) != cc.parse_variables()
    with pytest.raises(KeyError, match="z"):
        variables["z"]
    with pytest.raises(TypeError):
        variables["z"] = 1  # type: ignore[index]
    with pytest.raises(TypeError):
        del variables["a"]  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        variables["a"].value = 2  # type: ignore[misc]
    variables.keys().clear()
    assert len(variables) == 2
    for copied in copies_of(variables["b"]):
        assert copied == variables["b"]


def test_reprs_contain_no_values() -> None:
    variables = cc.parse_variables(PAGE)
    event = {"sessionId": "s3cret", "userId": "s3cret", "message": "s3cret"}
    event |= {"channel": "web", "timestamp": 7}  # type: ignore[dict-item]
    for value in (
        variables,
        cc.ScopedVariable("a", "s3cret", "bot"),
        cc.Variable("a", "s3cret"),
        cc.InjectionPayload("s3cret", [{"key": "a", "value": "s3cret"}]),
        cc.StateUpdate({"a": "s3cret"}, next_step="s3cret"),
        cc.WebhookEvent.from_value(event),
        cc.ContextManager(),
        cc.ContextManager().update("s3cret", {"a": "s3cret"}),
    ):
        assert "s3cret" not in repr(value) and "123456789012" not in repr(value)


def test_a_variable_may_be_an_object_or_a_mapping() -> None:
    @dataclasses.dataclass
    class OwnVariable:
        name: str
        value: Any
        scope: str

    own = OwnVariable("a", 1, "user")
    other = collections.UserDict(name="a", value=2, scope="bot")
    scoped = cc.ScopedVariable("b", 1.5, "bot")
    resolved = cc.resolve_scopes([other, own, scoped])
    assert resolved["a"] is own and resolved["b"] is scoped
    view = cc.debug_view(resolved)
    assert (
        view
        == cc.debug_view([other, own, scoped])
        == cc.debug_view(iter([own, scoped]))
    )
    assert view["a"]["type"] == "integer" and view["b"]["type"] == "number"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, "boolean"),
        (10**30, "integer"),
        (1e300, "integer"),
        (-0.5, "number"),
        (float("nan"), "number"),
        ("\ud800", "string"),
        ((1,), "array"),
        (dt.date(2030, 1, 1), "string"),
        (collections.UserDict(), "object"),
    ],
)
def test_debug_view_names_the_type_of_each_value(value: Any, kind: str) -> None:
    view = cc.debug_view([cc.ScopedVariable("a", value, "bot")])
    assert view["a"]["type"] == kind and view["a"]["value"] is value


def test_an_invalid_variable_is_rejected() -> None:
    for wrong in (7, {}, {"name": "a"}, {"name": 1, "scope": "bot"}, object(), "ab"):
        with pytest.raises(TypeError):
            cc.resolve_scopes([wrong])
    with pytest.raises(TypeError):
        cc.resolve_scopes(7)  # type: ignore[arg-type]
    with pytest.raises(cc.ValidationError) as raised:
        cc.resolve_scopes([{"name": "\ud800", "scope": "bot"}])
    assert found(raised.value.report) == [("lone_surrogate", "/0/name")]
    with pytest.raises(cc.ValidationError) as raised:
        cc.debug_view([{"name": "a", "scope": "bot", "value": object()}])
    assert found(raised.value.report) == [("unserializable_type", "/a")]


def test_variables_url_rejects_lone_surrogates_and_invalid_urls() -> None:
    for part in ("name", "scope"):
        with pytest.raises(cc.ValidationError):
            cc.variables_url("https://h", "s", **{part: "\ud800"})  # type: ignore[arg-type]
    with pytest.raises(cc.ConfigurationError):
        cc.variables_url("not a URL", "s")


# --- injection -------------------------------------------------------------------------------


def expiry(time: Any) -> Any:
    """Returns the form in which a payload contains an expiry time."""
    variable = {"key": "a", "value": 1, "expires_at": time}
    payload = cc.InjectionPayload("s", [variable])
    (written,) = payload.to_api_body(clock=lambda: 0)["variables"]
    return written["expiresAt"]


def test_expiry_times_are_written_in_iso_format_and_naive_ones_as_utc() -> None:
    naive = dt.datetime(2030, 1, 31, 12)
    east = dt.timezone(dt.timedelta(hours=2))
    assert expiry(None) is None
    assert expiry("2030-01-31T12:00:00Z") == "2030-01-31T12:00:00Z"
    assert expiry(naive) == "2030-01-31T12:00:00+00:00"
    assert expiry(naive.replace(tzinfo=dt.timezone.utc)) == "2030-01-31T12:00:00+00:00"
    assert expiry(naive.replace(tzinfo=east)) == "2030-01-31T12:00:00+02:00"
    assert expiry(naive.replace(microsecond=5)) == "2030-01-31T12:00:00.000005+00:00"


class Stardate(dt.datetime):
    """A datetime with its own ISO format."""

    def isoformat(self, *_: Any) -> str:
        return "2063-04-05T11:00:00Z"


class Berlin(dt.tzinfo):
    """A time zone with approximate summer time."""

    def utcoffset(self, time: dt.datetime | None) -> dt.timedelta:
        return dt.timedelta(hours=2 if time and 4 <= time.month <= 9 else 1)

    def dst(self, _: dt.datetime | None) -> None:
        return None


ZONES = (None, dt.timezone.utc, dt.timezone(dt.timedelta(hours=-3.5)), Berlin())


@given(st.datetimes(), st.sampled_from(ZONES), st.integers(0, 1))
def test_a_datetime_is_written_as_the_result_of_isoformat(
    time: dt.datetime, zone: dt.tzinfo | None, fold: int
) -> None:
    time = time.replace(tzinfo=zone, fold=fold)
    assert json.loads(cc.serialize_context({"t": [time]}))["t"] == [time.isoformat()]
    aware = time if zone else time.replace(tzinfo=dt.timezone.utc)
    payload = cc.InjectionPayload(
        "s", [{"key": "a", "value": time, "expires_at": time}]
    )
    (written,) = payload.to_api_body()["variables"]
    assert written["value"] == time.isoformat()
    assert written["expiresAt"] == aware.isoformat()


def test_a_datetime_subclass_is_written_with_its_own_isoformat() -> None:
    plain = dt.datetime(2030, 1, 31, 12, tzinfo=dt.timezone.utc)
    own = Stardate(2030, 1, 31, 12, tzinfo=dt.timezone.utc)
    assert [expiry(time) for time in (plain, own, plain)] == [
        plain.isoformat(),
        own.isoformat(),
        plain.isoformat(),
    ]
    assert json.loads(cc.serialize_context({"t": own})) == {"t": own.isoformat()}


def test_an_expired_variable_is_a_warning() -> None:
    payload = cc.InjectionPayload(
        "s", [cc.Variable("a", 1, "user", dt.datetime(2020, 1, 1))]
    )
    assert found(payload.check()) == [("expired", "/variables/0/expiresAt")]
    assert payload.check().ok and payload.to_json()
    assert found(payload.check(clock=lambda: 0)) == []


@pytest.mark.parametrize(
    ("variable", "issues"),
    [
        ({}, [("missing_field", "key"), ("missing_field", "value")]),
        ({"key": "a"}, [("missing_field", "value")]),
        ({"value": 1}, [("missing_field", "key")]),
        ({"key": 1, "value": 1}, [("wrong_type", "key")]),
        ({"key": "\ud800", "value": 1}, [("lone_surrogate", "key")]),
        (
            {"key": None, "scope": 1, "expires_at": 7},
            [
                ("missing_field", "key"),
                ("missing_field", "value"),
                ("wrong_type", "scope"),
                ("wrong_type", "expiresAt"),
            ],
        ),
        (
            {"key": "a", "value": 1, "expires_at": dt.date.max},
            [("wrong_type", "expiresAt")],
        ),
        (7, [("wrong_type", "")]),
        (None, [("wrong_type", "")]),
        (object(), [("wrong_type", "")]),
    ],
)
def test_every_invalid_field_of_a_variable_is_an_issue(
    variable: Any, issues: list[Any]
) -> None:
    payload = cc.InjectionPayload("s", [{"key": "ok", "value": 1}, variable])
    expected = [(code, f"/variables/1/{field}".rstrip("/")) for code, field in issues]
    assert found(payload.check()) == expected
    with pytest.raises(cc.ValidationError):
        payload.to_json()


def test_a_field_that_is_none_equals_a_missing_field() -> None:
    none = {"key": "a", "value": 1, "scope": None, "expires_at": None}
    variables: list[Any] = [none, cc.Variable(**none), {"key": "a", "value": 1}]
    bodies = [cc.InjectionPayload("s", [variable]).to_json() for variable in variables]
    assert bodies[0] == bodies[1] == bodies[2]


def test_a_payload_accepts_objects_mappings_and_both_spellings_of_fields() -> None:
    @dataclasses.dataclass
    class OwnVariable:
        key: str
        value: Any

    class Name(str):
        pass

    fields = {"key": "e", "value": 1}
    payload = cc.InjectionPayload(
        "s",
        (
            variable
            for variable in [
                cc.Variable("a", {"x": (1,)}),
                OwnVariable("b", 2),
                collections.OrderedDict(key=Name("c"), value=3),
                collections.UserDict(key="d", value=4),
                json.loads(json.dumps(fields)),
                {Name("key"): "f", "value": 6, "expiresAt": "2999-01-01T00:00:00Z"},
            ]
        ),
    )
    for _ in range(2):
        body = payload.to_api_body()
        assert [variable["key"] for variable in body["variables"]] == list("abcdef")
        assert body["variables"][5]["expiresAt"] == "2999-01-01T00:00:00Z"
    with pytest.raises(TypeError):
        cc.InjectionPayload("s", 7)  # type: ignore[arg-type]


def test_a_payload_is_correct_when_a_property_returns_temporary_values() -> None:
    class Temporary:
        key = "temporary"

        @property
        def value(self) -> Any:
            return {f"k{number}": [number] for number in range(20)}

    payload = cc.InjectionPayload(
        "s",
        [
            Temporary() if n % 2 else {"key": f"v{n}", "value": {f"q{n}": n}}
            for n in range(20)
        ],
    )
    report = payload.check()
    assert {issue.code for issue in report.issues} == {"duplicate_variable"}
    single = cc.InjectionPayload(
        "s", [payload.variables[0], Temporary(), *payload.variables[2::2]]
    )
    values = [variable["value"] for variable in single.to_api_body()["variables"]]
    assert values[1] == Temporary().value
    assert values[2:] == [{f"q{n}": n} for n in range(2, 20, 2)]


def test_an_error_of_the_clock_is_raised() -> None:
    def broken() -> float:
        raise OSError("no clock")

    manager = cc.ContextManager(clock=broken)
    for use in (
        lambda: cc.InjectionPayload("s", []).to_json(clock=broken),
        lambda: manager.update("s", {}),
        lambda: manager.inspect("s"),
        lambda: manager.reset("s"),
        manager.sweep,
    ):
        with pytest.raises(OSError, match="no clock"):
            use()
    for time in (float("nan"), -1.0, float("inf")):
        with pytest.raises(ValueError, match="clock"):
            cc.InjectionPayload("s", []).to_json(clock=lambda: time)  # noqa: B023


# --- state -----------------------------------------------------------------------------------


def test_the_parts_of_a_split_contain_the_same_objects() -> None:
    big, small = "x" * 400_000, [1]
    update = cc.StateUpdate({"a": big, "s": small}, collections.UserDict(b=big), "end")
    first, second = update.split()
    assert (
        first.session["a"] is big and first.session["s"] is small and first.user == {}
    )
    assert second.user["b"] is big and (first.next_step, second.next_step) == (
        None,
        "end",
    )
    assert cc.StateUpdate({"a": 1}).split() == [cc.StateUpdate({"a": 1})]
    for copied in copies_of(cc.StateUpdate({"a": [1]}, next_step="x")):
        assert copied == cc.StateUpdate({"a": [1]}, {}, "x")


def test_an_update_that_is_not_a_mapping_is_an_issue() -> None:
    for wrong in (7, "text", [1]):
        update = cc.StateUpdate(wrong, {"b c": 1})  # type: ignore[arg-type]
        report = update.check()
        assert ("wrong_type", "/session") in found(report)
        assert ("invalid_name", "/user/b c") in found(report)
        with pytest.raises(cc.ValidationError):
            update.split()
    assert found(cc.StateUpdate({1: 2}).check())[0] == ("non_string_key", "/session")  # type: ignore[dict-item]
    with pytest.raises(cc.ValidationError):
        cc.StateUpdate(next_step="\ud800").to_json()


# --- documents -------------------------------------------------------------------------------


def test_deep_merge_copies_only_dicts() -> None:
    leaf, big = [{"x": 1}], 10**30
    base: dict[Any, Any] = {"a": {"b": leaf, "n": big}, 7: {"k": leaf}}
    update = {"a": {"c": {"d": leaf}}, (1,): leaf}
    before = copy.deepcopy((base, update))
    merged = cc.deep_merge(base, update)
    assert (base, update) == before
    assert merged == {
        "a": {"b": leaf, "n": big, "c": {"d": leaf}},
        7: {"k": leaf},
        (1,): leaf,
    }
    assert merged["a"]["b"] is merged["a"]["c"]["d"] is merged[(1,)] is leaf
    merged["a"]["c"]["z"] = merged[7]["z"] = 0
    assert (base, update) == before
    assert cc.deep_merge({"a": 1}, None) is None


def test_deep_merge_of_a_cycle_is_nesting_too_deep() -> None:
    cycle: dict[str, Any] = {}
    cycle["self"] = cycle
    for base, update in ((cycle, cycle), ({}, cycle), (cycle, {})):
        with pytest.raises(cc.ValidationError) as raised:
            cc.deep_merge(base, update)
        assert raised.value.issues[0].code == "nesting_too_deep"


def test_a_schema_may_be_a_dict_or_text() -> None:
    document = {"properties": {"a": {"default": 1}}}
    for form in (document, json.dumps(document), json.dumps(document).encode()):
        assert cc.Schema(form).apply({}) == {"a": 1}
        assert cc.ContextManager(form).update("s", {}).context == {"a": 1}
    assert cc.Schema(True).apply((1, 2)) == [1, 2]
    with pytest.raises(cc.ConfigurationError):
        cc.Schema({"type": 7})
    with pytest.raises(cc.ConfigurationError):
        cc.ContextManager({"type": 7})
    for broken in ("{", b"\xff", '{"a":1,"a":2}', {"a": object()}, {"a": float("nan")}):
        with pytest.raises(cc.ValidationError):
            cc.Schema(broken)


def test_deep_merge_merges_every_mapping() -> None:
    user = types.MappingProxyType({"name": "Ada", "of": collections.UserDict(a=1)})
    base = {"user": user, "count": collections.Counter(turns=1)}
    update = collections.UserDict(
        user={"of": types.MappingProxyType({"b": 2})}, count={"calls": 2}
    )
    merged = cc.deep_merge(base, update)
    assert merged == {
        "user": {"name": "Ada", "of": {"a": 1, "b": 2}},
        "count": {"turns": 1, "calls": 2},
    }
    for mapping in (merged, merged["user"], merged["user"]["of"], merged["count"]):
        assert type(mapping) is dict
    assert base["user"] is user and user["of"] == {"a": 1}


def test_integers_beyond_64_bits_are_rejected() -> None:
    for use in (
        cc.Schema({}).apply,
        lambda value: cc.ContextManager().update("s", value),
        lambda value: cc.WebhookEvent.from_value({"custom": value}),
    ):
        with pytest.raises(cc.ValidationError) as raised:
            use({"n": 2**70})
        assert "unsafe_integer" in {issue.code for issue in raised.value.issues}
    assert cc.Schema({}).apply({"n": 2**63}) == {"n": 2**63}


def test_invalid_options_of_a_manager_are_rejected() -> None:
    for wrong in (-1, float("nan"), float("inf")):
        with pytest.raises(cc.ConfigurationError, match="ttl_seconds"):
            cc.ContextManager(ttl_seconds=wrong)
    assert issubclass(cc.ConfigurationError, ValueError)
    for name in ("ttl_seconds", "max_size_bytes"):
        for number in (-1, 2**64, 10**400):
            with pytest.raises(cc.ConfigurationError, match=name) as raised:
                cc.ContextManager(**{name: number})
            assert str(number) not in str(raised.value)
        with pytest.raises(TypeError, match=name):
            cc.ContextManager(**{name: "7"})
    with pytest.raises(TypeError, match="max_size_bytes"):
        cc.ContextManager(max_size_bytes=1.5)  # type: ignore[arg-type]
    assert "ttl_seconds=90>" in repr(
        cc.ContextManager(ttl_seconds=dt.timedelta(seconds=90))
    )
    for paths in ("/a", 7, [7]):
        with pytest.raises(TypeError):
            cc.ContextManager(prune_paths=paths)  # type: ignore[arg-type]
    assert (
        repr(cc.ContextManager())
        == "<ContextManager max_size_bytes=95000 ttl_seconds=300>"
    )


def test_changing_a_returned_context_does_not_change_the_manager() -> None:
    manager = cc.ContextManager()
    context = manager.update("s", {"a": {"b": 1}}).context
    context["a"]["b"] = 2
    assert manager.inspect("s")["current_context"] == {"a": {"b": 1}}


def test_sweep_removes_expired_sessions() -> None:
    time = [0.0]
    manager = cc.ContextManager(ttl_seconds=1, clock=lambda: time[0])
    for number in range(10):
        manager.update(f"s{number}", {"a": 1})
    assert manager.sweep() == 0
    time[0] = 2
    manager.update("s0", {"a": 1})
    assert manager.sweep() == 9


def test_a_manager_can_be_used_from_many_threads() -> None:
    manager = cc.ContextManager(max_size_bytes=100_000, clock=lambda: 1.0)
    failures: list[Exception] = []

    def work(name: str) -> None:
        try:
            for number in range(200):
                manager.update("shared", {name: {f"k{number}": number}})
                manager.update(name, {"n": number})
                manager.inspect("shared")
        except Exception as error:  # noqa: BLE001 - any exception fails the test
            failures.append(error)

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    shared = manager.inspect("shared")["current_context"]
    expected = {f"k{number}": number for number in range(200)}
    assert shared == {f"t{n}": expected for n in range(8)}


# --- events ----------------------------------------------------------------------------------


def test_a_webhook_event_has_the_fields_of_its_json() -> None:
    fields = {"sessionId": "s", "userId": "u", "message": "m", "channel": "web"}
    event = cc.WebhookEvent.from_value(
        {**fields, "timestamp": 7, "custom": {"a": (1,)}}
    )
    assert (event.session_id, event.user_id, event.message) == ("s", "u", "m")
    assert (event.channel, event.timestamp, event.custom) == ("web", 7, {"a": [1]})
    text = json.dumps({**fields, "timestamp": 7, "custom": {"a": [1]}})
    assert (
        event
        == cc.WebhookEvent.from_json(text)
        == cc.WebhookEvent.from_json(text.encode())
    )
    assert event != cc.WebhookEvent.from_json(text.replace("7", "8")) and event != 7


def test_a_webhook_event_is_checked_against_a_clock() -> None:
    fields = {"sessionId": "s", "userId": "u", "message": "m", "channel": "web"}

    def event(timestamp: float) -> cc.WebhookEvent:
        return cc.WebhookEvent.from_value({**fields, "timestamp": timestamp})

    assert event(99_999_999_999).timestamp_ms == 99_999_999_999_000
    assert event(100_000_000_000).timestamp_ms == 100_000_000_000
    assert event(-(2**63)).timestamp_ms == -(2**63)
    assert (event(7.0).timestamp, event(7.0).timestamp_ms) == (7, 7_000)
    event(100_000).check_timestamp(100_000)
    event(100_000).check_timestamp(dt.timedelta(hours=4))
    event(int(dt.datetime.now(dt.timezone.utc).timestamp())).check_timestamp()
    for now in (10_000, None):
        with pytest.raises(cc.ValidationError) as raised:
            event(99_999_999_999).check_timestamp(now)
        assert [issue.code for issue in raised.value.report.issues] == [
            "invalid_timestamp"
        ]
    for wrong in (-1, float("nan"), 10**400):
        with pytest.raises(cc.ConfigurationError):
            event(7).check_timestamp(wrong)
    with pytest.raises(TypeError):
        event(7).check_timestamp("now")  # type: ignore[arg-type]


def test_hash_session_id_accepts_a_key_as_str_or_bytes() -> None:
    assert cc.hash_session_id("s", "ü") == cc.hash_session_id("s", "ü".encode())
    assert cc.hash_session_id("s", b"") != cc.hash_session_id("s")
    for wrong in ({"session_id": "\ud800"}, {"session_id": "s", "key": "\ud800"}):
        with pytest.raises(cc.ValidationError):
            cc.hash_session_id(**wrong)
    with pytest.raises(TypeError):
        cc.hash_session_id("s", 7)  # type: ignore[arg-type]
