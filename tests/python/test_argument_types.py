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
