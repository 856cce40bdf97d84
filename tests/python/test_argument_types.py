"""A TypeError names the argument, the expected type and the given type."""

from collections.abc import Callable
from typing import Any

import cognigy_context as cc
import pytest

CLIENT = cc.Client("https://api.example", api_key="k")

CALLS: list[tuple[str, Callable[[Any], object], str]] = [
    ("base_url", lambda it: cc.Client(it, api_key="k"), "a str"),
    ("session_id", CLIENT.get_injected, "a str"),
    ("user_id", lambda it: CLIENT.inject_context("s", it, {}), "a str"),
    ("dialog_id", CLIENT.get_state, "a str"),
    ("profile_id", CLIENT.get_profile, "a str"),
    ("if_match", lambda it: CLIENT.update_state("d", {}, if_match=it), "a str"),
    ("rebase", lambda it: CLIENT.update_state("d", {}, rebase=it), "a bool"),
    ("include_system", lambda it: CLIENT.get_variables("s", None, None, it), "a bool"),
    ("query", CLIENT.list_profiles, "a mapping"),
    ("a key of query", lambda it: CLIENT.list_profiles({it: 1}), "a str"),
    ("callback", CLIENT.on_state_updated, "callable"),
    ("session_id", lambda it: cc.InjectionPayload(it, []), "a str"),
    ("merge_strategy", lambda it: cc.InjectionPayload("s", [], it), "a str"),
    ("next_step", lambda it: cc.StateUpdate(next_step=it), "a str"),
    ("mode", lambda it: cc.coerce("1", it), "a str"),
    ("hint", lambda it: cc.coerce("1", hint=it), "a str"),
    ("preset", lambda it: cc.Policy(it), "a str"),
    ("scope", lambda it: cc.ScopedVariable("n", 1, it), "a str"),
    ("key", lambda it: cc.hash_session_id("s", it), "bytes or a str"),
    ("lru", lambda it: cc.ContextManager(lru=it), "a bool"),
    ("api_key", lambda it: request(api_key=it), "a str"),
    ("name", lambda it: cc.variables_url("https://x", "s", name=it), "a str"),
    ("the name of a variable", lambda it: resolve(it, "user"), "a str"),
    ("the scope of a variable", lambda it: resolve("n", it), "a str"),
]


def request(**arguments: Any) -> object:
    return cc.inject_context_request("https://x", "s", "u", {}, **arguments)


def resolve(name: object, scope: object) -> object:
    return cc.resolve_scopes([{"name": name, "scope": scope}])


@pytest.mark.parametrize(
    ("name", "call", "expected"), CALLS, ids=[name for name, _, _ in CALLS]
)
def test_a_type_error_names_the_argument(
    name: str, call: Callable[[Any], object], expected: str
) -> None:
    with pytest.raises(TypeError) as raised:
        call(5)
    assert str(raised.value) == f"{name} must be {expected}, not int"
