"""What the types must refuse: each marked line, and no other. Nobody runs it."""

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
    check({"a": 1}, "plattform")  # refused
    check({"a": 1}, existing=[1])  # refused
    check_json({"a": 1})  # refused
    Policy("state", max_deph=1)  # refused
    Policy("state", max_depth="1")  # refused
    policy.replace(context_unit="utf16")  # refused
    policy.max_depth = 1  # refused
    report.ok = True  # refused
    report.sizes.json_bytes += 1  # refused
    issue.severity == "fatal"  # refused
    Issue("a", "fatal", "", "")  # refused


def sends(client: Client) -> None:
    Client(api_key=b"k")  # refused
    Client("https://host", "k")  # refused
    client.inject_context("s", "u", [1])  # refused
    client.inject_context("s", "u")  # refused
    inject_context_request("https://host", "s", "u", {}).status  # refused
    hash_session_id(b"s")  # refused


def reads(variables: Variables) -> None:
    parse_variables({"variables": []})  # refused
    parse_variables(b"", mode="strict")  # refused
    variables["a"] = 1  # refused
    variables["a"].scop  # refused
    coerce("1", mode="eager")  # refused
    variables_url("https://host", "s", "name")  # refused


def writes() -> None:
    Variable("a", 1, expires_at=date.today())  # refused
    InjectionPayload("s", 1)  # refused
    InjectionPayload("s", []).to_json(clock=1.0)  # refused
    StateUpdate([1])  # refused
    StateUpdate({}, next_step=1)  # refused
    len(StateUpdate({}).to_json().encode())  # refused


def keeps() -> None:
    Schema(1)  # refused
    ContextManager(ttl_seconds="300")  # refused
    ContextManager(prune_paths=1)  # refused
    ContextManager().update("s")  # refused
    Sandbox(context_limit="x")  # refused
