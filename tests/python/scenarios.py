"""The Python driver of the scenarios that every client runs.

``tests/scenarios/README.md`` describes the fields of a scenario.
"""

import json
import os
import urllib.request
from pathlib import Path
from typing import Any

import cognigy_context as cc
from cognigy_context import _errors

FILE = Path(
    os.environ.get("SCENARIOS", Path(__file__).parent.parent / "scenarios")
).joinpath("scenarios.json")
SCENARIOS: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))

_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
_KINDS = {error: kind for kind, error in _errors.CLASS_OF_KIND.items()}
_ERROR_FIELDS = (
    *("operation", "status", "session", "attempts", "retryable", "hint", "code"),
    *("trace_id", "retry_after", "current_tag", "during_token"),
)


def client_settings(options: dict[str, Any], url: str) -> dict[str, Any]:
    """Returns the keyword arguments of a client."""
    credentials: dict[str, Any] = {
        "client": {"client_id": "sandbox", "client_secret": "sandbox"},
        "key": {"api_key": "sandbox-key"},
        "bearer": {"bearer_token": "an-unknown-token"},
        "wrong": {"client_id": "sandbox", "client_secret": "not-the-secret"},
    }[options.get("auth", "client")]
    rate = options.get("rate")
    pair = None if rate is None else (rate["requests"], rate["window"])
    settings = {
        **credentials,
        "rate": pair,
        "platform_rate": pair,
        "max_concurrent": 64,
    }
    # No scenario tests these timeouts, and a busy machine may be slow.
    timeouts = ("attempt_timeout", "connect_timeout", "token_timeout")
    settings |= dict.fromkeys(timeouts, 600)
    for name in (
        *("max_retries", "deadline", "max_concurrent", "session_id_prefix"),
        "crm_webhook_secret",
    ):
        if name in options:
            settings[name] = options[name]
    for name in ("crm_webhook", "snapshot_webhook"):
        if options.get(name):
            settings[name] = f"{url}/_sandbox/webhook"
    return settings


def method_arguments(call: str, args: dict[str, Any]) -> dict[str, Any]:
    """Returns the keyword arguments of a method. Some methods take one object for several arguments."""
    args = dict(args)
    if call == "inject":
        fields = {
            "session_id": args.pop("session_id"),
            "variables": args.pop("variables"),
        }
        return {"payload": cc.InjectionPayload(**fields), **args}
    if call in ("update_state", "update_state_parts"):
        names = [name for name in ("session", "user", "next_step") if name in args]
        fields = {name: args.pop(name) for name in names}
        return {"update": cc.StateUpdate(**fields), **args}
    return args


def comparable_result(result: Any) -> Any:
    """Converts a result to the shape that all languages share."""
    if isinstance(result, cc.Variables):
        return {
            name: {"value": variable.value, "scope": variable.scope}
            for name, variable in result.items()
        }
    if isinstance(result, list):
        return [comparable_result(item) for item in result]
    names = [name for name in vars(type(result)) if not name.startswith("_")]
    if type(result).__module__ == "cognigy_context":
        return {name: getattr(result, name) for name in names}
    return result


def comparable_error(error: cc.CognigyError) -> dict[str, Any]:
    """Converts an error to the shape that all languages share."""
    if isinstance(error, cc.ValidationError):
        codes = [issue.code for issue in error.issues if issue.severity == "error"]
        return {"kind": "validation", "issues": codes}
    fields = {name: getattr(error, name) for name in _ERROR_FIELDS}
    return {"kind": _KINDS[type(error)], **fields}


def send_control(url: str, request: dict[str, Any]) -> Any:
    """Sends one request to the sandbox's control routes. Returns the response as JSON."""
    body = expand(request["body"]) if "body" in request else None
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    with _open(
        urllib.request.Request(
            url + request["path"], data=data, headers=headers, method=request["method"]
        )
    ) as response:
        text = response.read()
    return json.loads(text) if text else None


def expand(value: Any, saved: dict[str, Any] | None = None) -> Any:
    """Expands ``$repeat``, and replaces each text ``"$name"`` by the saved value of that name."""
    if isinstance(value, dict):
        if list(value) == ["$repeat"]:
            text, times = value["$repeat"]
            return text * times
        return {name: expand(member, saved) for name, member in value.items()}
    if isinstance(value, list):
        return [expand(item, saved) for item in value]
    if saved and isinstance(value, str) and value.startswith("$"):
        return saved[value[1:]]
    return value


def value_at(value: Any, pointer: str) -> Any:
    """Returns the part of a value that a JSON Pointer names."""
    for part in pointer.split("/")[1:]:
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def assert_matches(expected: Any, found: Any, path: str = "") -> None:
    """Asserts that a value matches. An expected object may have fewer members."""
    if isinstance(expected, dict):
        name, value = next(iter(expected.items()), ("", None))
        if name == "$any":
            assert found is not None, f"nothing at {path}"
        elif name == "$none":
            assert found is None, f"{found!r} at {path}"
        elif name == "$at_least":
            assert found >= value, f"{found!r} at {path}, less than {value}"
        elif name == "$json":
            assert_matches(value, json.loads(found), path)
        else:
            assert isinstance(found, dict), f"{found!r} at {path}"
            for name, value in expected.items():
                member = found.get(name)
                assert name in found or value == {"$none": True}, f"no {path}/{name}"
                assert_matches(value, member, f"{path}/{name}")
    elif isinstance(expected, list):
        assert isinstance(found, list), f"{found!r} at {path}"
        assert len(found) == len(expected), f"{len(found)} items at {path}"
        for number, (item, found_item) in enumerate(zip(expected, found, strict=True)):
            assert_matches(item, found_item, f"{path}/{number}")
    else:
        assert found == expected, f"{found!r} at {path}, expected {expected!r}"
        assert isinstance(found, bool) == isinstance(expected, bool), path
