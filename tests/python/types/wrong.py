"""Wrong code: checkers report exactly the lines marked ``# error``. Never run."""

# pyright: strict
# ruff: noqa: B015, B018

from datetime import date

from cognigy_context import (
    Client,
    ContextManager,
    InjectionPayload,
    Issue,
    Policy,
    Report,
    Schema,
    StateUpdate,
    Variable,
    Variables,
    check,
    check_json,
    coerce,
    hash_session_id,
    inject_context_request,
    parse_variables,
    variables_url,
)
from cognigy_context.testing import Sandbox


def checks(report: Report, issue: Issue, policy: Policy) -> None:
    check({"a": 1}, "plattform")  # error
    check({"a": 1}, existing=[1])  # error
    check_json({"a": 1})  # error
    Policy("state", max_deph=1)  # error
    Policy("state", max_depth="1")  # error
    policy.replace(context_unit="utf16")  # error
    policy.max_depth = 1  # error
    report.ok = True  # error
    report.sizes.json_bytes += 1  # error
    issue.severity == "fatal"  # error
    Issue("a", "fatal", "", "")  # error


def sends(client: Client) -> None:
    Client(api_key=b"k")  # error
    Client("https://host", "k")  # error
    client.inject_context("s", "u", [1])  # error
    client.inject_context("s", "u")  # error
    inject_context_request("https://host", "s", "u", {}).status  # error
    hash_session_id(b"s")  # error


def reads(variables: Variables) -> None:
    parse_variables({"variables": []})  # error
    parse_variables(b"", mode="strict")  # error
    variables["a"] = 1  # error
    variables["a"].scop  # error
    coerce("1", mode="eager")  # error
    variables_url("https://host", "s", "name")  # error


def writes() -> None:
    Variable("a", 1, expires_at=date.today())  # error
    InjectionPayload("s", 1)  # error
    InjectionPayload("s", []).to_json(clock=1.0)  # error
    StateUpdate([1])  # error
    StateUpdate({}, next_step=1)  # error
    len(StateUpdate({}).to_json().encode())  # error


def manages() -> None:
    Schema(1)  # error
    ContextManager(ttl_seconds="300")  # error
    ContextManager(prune_paths=1)  # error
    ContextManager().update("s")  # error
    Sandbox(context_limit="x")  # error
