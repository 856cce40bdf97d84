"""The scenarios that the clients of all languages run: how Python reads them.

``tests/scenarios/README.md`` says what each part means.
"""

import json
import os
import urllib.request
from pathlib import Path
from typing import Any

import cognigy_context as cc
from cognigy_context import _errors

PLACE = Path(
    os.environ.get("SCENARIOS", Path(__file__).parent.parent / "scenarios")
).joinpath("scenarios.json")
SCENARIOS: list[dict[str, Any]] = json.loads(PLACE.read_text(encoding="utf-8"))

_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
_KINDS = {error: kind for kind, error in _errors.CLASS_OF_KIND.items()}
_FACTS = (
    *("operation", "status", "session", "attempts", "retryable", "hint", "code"),
    *("trace_id", "retry_after", "current_tag", "during_token"),
)


def settings(options: dict[str, Any], url: str) -> dict[str, Any]:
    """The keywords of a client."""
    credentials: dict[str, Any] = {
        "client": {"client_id": "sandbox", "client_secret": "sandbox"},
        "key": {"api_key": "sandbox-key"},
        "bearer": {"bearer_token": "a-token-that-nobody-knows"},
        "wrong": {"client_id": "sandbox", "client_secret": "not-the-secret"},
    }[options.get("auth", "client")]
    rate = options.get("rate")
    pair = None if rate is None else (rate["requests"], rate["window"])
    given = {**credentials, "rate": pair, "platform_rate": pair, "max_concurrent": 64}
    # No scenario is about them, and a busy machine may take its time.
    given |= dict.fromkeys(("attempt_timeout", "connect_timeout", "token_timeout"), 600)
    for name in (
        *("max_retries", "deadline", "max_concurrent", "session_id_prefix"),
        "crm_webhook_secret",
    ):
        if name in options:
            given[name] = options[name]
    for name in ("crm_webhook", "snapshot_webhook"):
        if options.get(name):
            given[name] = f"{url}/_sandbox/webhook"
    return given


def arguments(call: str, args: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a method, where Python takes an object for several."""
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


def shown(result: Any) -> Any:
    """A result in the one shape of all languages."""
    if isinstance(result, cc.Variables):
        return {
            name: {"value": variable.value, "scope": variable.scope}
            for name, variable in result.items()
        }
    if isinstance(result, list):
        return [shown(item) for item in result]
    names = [name for name in vars(type(result)) if not name.startswith("_")]
    if type(result).__module__ == "cognigy_context":
        return {name: getattr(result, name) for name in names}
    return result


def told(error: cc.CognigyError) -> dict[str, Any]:
    """An error in the one shape of all languages."""
    if isinstance(error, cc.ValidationError):
        codes = [issue.code for issue in error.issues if issue.severity == "error"]
        return {"kind": "validation", "issues": codes}
    facts = {name: getattr(error, name) for name in _FACTS}
    return {"kind": _KINDS[type(error)], **facts}


def control(url: str, request: dict[str, Any]) -> Any:
    """One request to the sandbox's control routes."""
    body = expanded(request["body"]) if "body" in request else None
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    with _open(
        urllib.request.Request(
            url + request["path"], data=data, headers=headers, method=request["method"]
        )
    ) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def expanded(value: Any, saved: dict[str, Any] | None = None) -> Any:
    """What is sent: repeated text written out, and what was saved in its place."""
    if isinstance(value, dict):
        if list(value) == ["$repeat"]:
            text, times = value["$repeat"]
            return text * times
        return {name: expanded(held, saved) for name, held in value.items()}
    if isinstance(value, list):
        return [expanded(item, saved) for item in value]
    if saved and isinstance(value, str) and value.startswith("$"):
        return saved[value[1:]]
    return value


def at(value: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def expect(expected: Any, found: Any, place: str = "") -> None:
    """Holds that what is expected is a part of what is found."""
    if isinstance(expected, dict):
        name, value = next(iter(expected.items()), ("", None))
        if name == "$any":
            assert found is not None, f"nothing at {place}"
        elif name == "$none":
            assert found is None, f"{found!r} at {place}"
        elif name == "$at_least":
            assert found >= value, f"{found!r} at {place}, less than {value}"
        elif name == "$json":
            expect(value, json.loads(found), place)
        else:
            assert isinstance(found, dict), f"{found!r} at {place}"
            for name, value in expected.items():
                held = found.get(name)
                assert name in found or value == {"$none": True}, f"no {place}/{name}"
                expect(value, held, f"{place}/{name}")
    elif isinstance(expected, list):
        assert isinstance(found, list), f"{found!r} at {place}"
        assert len(found) == len(expected), f"{len(found)} items at {place}"
        for number, (item, held) in enumerate(zip(expected, found, strict=True)):
            expect(item, held, f"{place}/{number}")
    else:
        assert found == expected, f"{found!r} at {place}, expected {expected!r}"
        assert isinstance(found, bool) == isinstance(expected, bool), place
