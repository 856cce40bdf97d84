"""A TypeError names the argument, the expected type and the given type."""

from collections.abc import Callable
from typing import Any

import cognigy_context as cc
import pytest

CLIENT = cc.Client("https://api.example", api_key="k")

CALLS: list[tuple[str, Callable[[Any], object], str]] = [
    ("base_url", lambda arg: cc.Client(arg, api_key="k"), "a str"),
    ("session_id", CLIENT.get_injected, "a str"),
    ("user_id", lambda arg: CLIENT.inject_context("s", arg, {}), "a str"),
    ("dialog_id", CLIENT.get_state, "a str"),
    ("profile_id", CLIENT.get_profile, "a str"),
    ("if_match", lambda arg: CLIENT.update_state("d", {}, if_match=arg), "a str"),
    ("rebase", lambda arg: CLIENT.update_state("d", {}, rebase=arg), "a bool"),
    (
        "include_system",
        lambda arg: CLIENT.get_variables("s", None, None, arg),
        "a bool",
    ),
    ("query", CLIENT.list_profiles, "a mapping"),
    ("a key of query", lambda arg: CLIENT.list_profiles({arg: 1}), "a str"),
    ("callback", CLIENT.on_state_updated, "callable"),
    ("session_id", lambda arg: cc.InjectionPayload(arg, []), "a str"),
    ("merge_strategy", lambda arg: cc.InjectionPayload("s", [], arg), "a str"),
    ("next_step", lambda arg: cc.StateUpdate(next_step=arg), "a str"),
    ("mode", lambda arg: cc.coerce("1", arg), "a str"),
    ("hint", lambda arg: cc.coerce("1", hint=arg), "a str"),
    ("preset", lambda arg: cc.Policy(arg), "a str"),
    ("scope", lambda arg: cc.ScopedVariable("n", 1, arg), "a str"),
    ("key", lambda arg: cc.hash_session_id("s", arg), "bytes or a str"),
    ("lru", lambda arg: cc.ContextManager(lru=arg), "a bool"),
    ("api_key", lambda arg: request(api_key=arg), "a str"),
    ("name", lambda arg: cc.variables_url("https://x", "s", name=arg), "a str"),
    ("the name of a variable", lambda arg: resolve(arg, "user"), "a str"),
    ("the scope of a variable", lambda arg: resolve("n", arg), "a str"),
]


def request(**arguments: Any) -> object:
    return cc.inject_context_request("https://x", "s", "u", {}, **arguments)


def resolve(name: object, scope: object) -> object:
    return cc.resolve_scopes([{"name": name, "scope": scope}])


@pytest.mark.parametrize(
    ("name", "call", "expected"), CALLS, ids=[name for name, _, _ in CALLS]
)
def test_a_type_error_names_the_argument_and_both_types(
    name: str, call: Callable[[Any], object], expected: str
) -> None:
    with pytest.raises(TypeError) as raised:
        call(5)
    assert str(raised.value) == f"{name} must be {expected}, not int"


NUMBERS: list[tuple[Callable[[], object], str]] = [
    (
        lambda: cc.Issue("expired", "error", "", "m", limit=-1),
        "limit must be 0 or more",
    ),
    (
        lambda: cc.Issue("expired", "error", "", "m", actual=2**64),
        "actual must be at most 18,446,744,073,709,551,615",
    ),
    (lambda: cc.Sizes(1, 1, 2**32, 1), "depth must be at most 4,294,967,295"),
    (lambda: client(max_retries=2**32), "max_retries must be at most 4,294,967,295"),
    (lambda: client(deadline=-1), "deadline must be 0 seconds or more"),
    (lambda: client(deadline=-(10**400)), "deadline must be 0 seconds or more"),
    (lambda: client(deadline=float("nan")), "deadline must be finite"),
    (lambda: client(deadline=1e300), "deadline must be less than 2^64 seconds"),
    (lambda: client(deadline=10**400), "deadline must be less than 2^64 seconds"),
    (
        lambda: cc.check({}, 5),  # type: ignore[arg-type]
        "policy must be a Policy, the name of a preset, or a dict of fields, not int",
    ),
    (lambda: client(audit="\ud83d"), "audit contains half of a surrogate pair"),
]


def client(**options: Any) -> cc.Client:
    return cc.Client("https://api.example", api_key="k", **options)


@pytest.mark.parametrize(("call", "message"), NUMBERS)
def test_an_invalid_argument_is_a_configuration_error_with_its_limit(
    call: Callable[[], object], message: str
) -> None:
    with pytest.raises(cc.ConfigurationError) as raised:
        call()
    assert str(raised.value) == message


def test_an_audit_list_that_contains_itself_is_a_type_error() -> None:
    sinks: list[Any] = []
    sinks.append(sinks)
    with pytest.raises(
        TypeError, match="audit must be a path, a callable, or a list of these"
    ):
        client(audit=sinks)


def test_what_a_number_raises_is_raised() -> None:
    class Raising:
        def __float__(self) -> float:
            raise KeyError("raised by the caller")

    with pytest.raises(KeyError):
        client(deadline=Raising())


def test_check_reports_an_unreadable_step_or_strategy_with_the_other_issues() -> None:
    update = cc.StateUpdate({"a": None}, next_step="\ud83d")
    found = [(issue.code, issue.path) for issue in update.check().issues]
    assert sorted(found) == [
        ("lone_surrogate", "/transition/nextStep"),
        ("null_value", "/session/a"),
    ]
    payload = cc.InjectionPayload("s", [{"key": "", "value": 1}], "\ud83d")
    found = [(issue.code, issue.path) for issue in payload.check().issues]
    assert sorted(found) == [
        ("invalid_name", "/variables/0/key"),
        ("lone_surrogate", "/mergeStrategy"),
    ]
    for refused in (update.to_json, update.split, payload.to_json):
        with pytest.raises(cc.ValidationError):
            refused()


def test_an_unreadable_id_keeps_the_warnings_of_the_data() -> None:
    calls: list[Callable[[], object]] = [
        lambda: CLIENT.inject(
            {"session_id": "\ud83d", "variables": [{"key": "n", "value": 2**60}]}
        ),
        lambda: CLIENT.append_variables("\ud83d", {"n": 2**60}),
        lambda: CLIENT.update_state("\ud83d", {"session": {"n": 2**60}}),
    ]
    for call in calls:
        with pytest.raises(cc.ValidationError) as raised:
            call()
        codes = [issue.code for issue in raised.value.report.issues]
        assert codes == ["lone_surrogate", "unsafe_integer"]
