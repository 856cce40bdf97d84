"""For each public callable of the package, a call with valid arguments."""

import asyncio
import os
import tempfile
from collections.abc import Callable, Coroutine
from functools import cache
from typing import Any

import cognigy_context as cc
from cognigy_context.testing import Sandbox

# Nothing listens on this port, so a request fails at once.
ADDRESS = "http://127.0.0.1:1"
OPTIONS: dict[str, Any] = {
    "api_key": "key",
    "max_retries": 0,
    "deadline": 5,
    "rate": None,
    "platform_rate": None,
}

# A valid call: the function, and its arguments by name.
Call = tuple[Callable[..., object], dict[str, Any]]

PAGE = b'{"variables": [{"name": "tier", "value": "gold", "scope": "user"}]}'
EVENT = {
    "sessionId": "s",
    "userId": "u",
    "message": "m",
    "channel": "c",
    "timestamp": 7,
}
EVENT_TEXT = (
    b'{"sessionId": "s", "userId": "u", "message": "m", "channel": "c", "timestamp": 7}'
)
VARIABLE = {"key": "tier", "value": "gold", "scope": "user", "expires_at": None}
SCOPED = {"name": "tier", "value": "gold", "scope": "user", "type": None}
PAYLOAD = {"session_id": "s", "variables": [VARIABLE], "merge_strategy": "atomic_put"}
UPDATE = {"session": {"turn": 1}, "user": {}, "next_step": "next"}
PROFILE = "0123456789abcdef01234567"

# Fields inside of arguments, which the annotations of the stub do not name.
FIELDS: dict[str, list[tuple[str | int, ...]]] = {
    "InjectionPayload": [
        ("variables", 0),
        *(("variables", 0, name) for name in VARIABLE),
    ],
    "resolve_scopes": [("variables", 0), *(("variables", 0, name) for name in SCOPED)],
    "debug_view": [("variables", 0), *(("variables", 0, name) for name in SCOPED)],
    "WebhookEvent.from_value": [("value", name) for name in [*EVENT, "custom"]],
    "Client": [
        *((name, "platform") for name in ("token_urls", "scopes")),
        *((name, index) for name in ("rate", "platform_rate") for index in (0, 1)),
        ("audit", 0),
    ],
    "ContextManager": [("prune_paths", 0)],
    "Client.inject": [("payload", name) for name in PAYLOAD],
    "Client.update_state": [("update", name) for name in UPDATE],
    "Client.list_profiles": [("query", "limit")],
    "Client.inject_many": [("items", 0), *(("items", 0, name) for name in PAYLOAD)],
}
FIELDS |= {
    f"Async{name}": fields
    for name, fields in FIELDS.items()
    if name.startswith("Client")
}

CLIENT_CALLS: dict[str, dict[str, Any]] = {
    "inject": {"payload": PAYLOAD, "crm_payload": {"a": 1}},
    "get_injected": {"session_id": "s"},
    "session_exists": {"session_id": "s"},
    "append_variables": {"session_id": "s", "variables": {"a": 1}},
    "get_document": {"session_id": "s"},
    "sync_context": {"session_id": "s", "data": {"a": 1}},
    "get_variables": {
        "session_id": "s",
        "name": "n",
        "scope": "user",
        "include_system": True,
    },
    "debug_snapshot": {
        "session_id": "s",
        "name": "n",
        "scope": "user",
        "include_system": True,
    },
    "get_state": {"dialog_id": "d"},
    "update_state": {
        "dialog_id": "d",
        "update": UPDATE,
        "if_match": '"1"',
        "rebase": True,
    },
    "update_state_parts": {
        "dialog_id": "d",
        "update": UPDATE,
        "if_match": None,
        "rebase": False,
    },
    "on_state_updated": {"callback": lambda *_: None},
    "inject_context": {
        "session_id": "s",
        "user_id": "u",
        "context": {"a": 1},
        "existing": {},
    },
    "reset_context": {
        "session_id": "s",
        "user_id": "u",
        "flow_reference_id": "f",
        "entrypoint": "e",
    },
    "inject_state": {"session_id": "s", "user_id": "u", "state": "x"},
    "reset_state": {"session_id": "s", "user_id": "u"},
    "list_profiles": {"query": {"limit": 5}},
    "get_profile": {"profile_id": PROFILE},
    "create_profile": {"fields": {"active": True}},
    "update_profile": {"profile_id": PROFILE, "fields": {"active": True}},
    "delete_profile": {"profile_id": PROFILE},
    "metrics": {},
    "state_metrics": {},
    "audit_trail": {"count": 5},
    "drain": {"seconds": 0},
    "with_deadline": {"seconds": 5},
    "close": {},
}
CLIENT_OPTIONS: dict[str, Any] = {
    "base_url": ADDRESS,
    **OPTIONS,
    "bearer_token": None,
    "get_token": None,
    "audit": [lambda _: None],
    "rate": (5, 1),
    "platform_rate": (5, 1),
    "policy": "platform",
}


def valid_calls(loop: asyncio.AbstractEventLoop) -> dict[str, Call]:
    """Returns the calls by name. Coroutines run on ``loop``."""
    journal = _new_journal()
    calls: dict[str, Call] = {
        "check": (cc.check, {"value": {"a": 1}, "policy": "platform", "existing": {}}),
        "check_json": (
            cc.check_json,
            {"text": b"{}", "policy": "platform", "existing": {}},
        ),
        "measure": (cc.measure, {"value": {"a": 1}}),
        "measure_json": (cc.measure_json, {"text": b"{}"}),
        "coerce": (cc.coerce, {"value": "42", "mode": "lossless", "hint": "integer"}),
        "serialize_context": (cc.serialize_context, {"value": {"a": 1}}),
        "deep_merge": (cc.deep_merge, {"base": {"a": 1}, "update": {"b": 1}}),
        "event_id": (cc.event_id, {"text": EVENT_TEXT}),
        "hash_session_id": (cc.hash_session_id, {"session_id": "s", "key": "key"}),
        "parse_variables": (cc.parse_variables, {"pages": PAGE, "mode": "lossless"}),
        "resolve_scopes": (cc.resolve_scopes, {"variables": [SCOPED]}),
        "debug_view": (cc.debug_view, {"variables": [SCOPED]}),
        "variables_url": (
            cc.variables_url,
            {
                "base_url": ADDRESS,
                "session_id": "s",
                "name": "n",
                "scope": "user",
                "include_system": True,
            },
        ),
        "inject_context_request": (
            cc.inject_context_request,
            {
                "base_url": ADDRESS,
                "session_id": "s",
                "user_id": "u",
                "context": {"a": 1},
            },
        ),
        "Issue": (
            cc.Issue,
            {
                "code": "expired",
                "severity": "error",
                "path": "",
                "message": "m",
                "limit": 1,
            },
        ),
        "Sizes": (
            cc.Sizes,
            {"json_bytes": 1, "platform_bytes": 1, "depth": 1, "variables": 1},
        ),
        "Policy": (_policy, {"preset": "platform", "max_value_bytes": 100}),
        "Policy.replace": (cc.Policy().replace, {"max_value_bytes": 100}),
        "ScopedVariable": (
            lambda **fields: cc.resolve_scopes([cc.ScopedVariable(**fields)]),
            SCOPED,
        ),
        "Variable": (
            lambda **fields: _use_payload("s", [cc.Variable(**fields)]),
            VARIABLE,
        ),
        "InjectionPayload": (_use_payload, PAYLOAD),
        "StateUpdate": (_use_update, UPDATE),
        "Schema": (cc.Schema, {"json_schema": {"type": "object"}}),
        "Schema.apply": (cc.Schema({}).apply, {"payload": {"a": 1}}),
        "ContextManager": (
            _use_manager,
            {
                "schema": {},
                "max_size_bytes": 1000,
                "ttl_seconds": 60,
                "prune_paths": ["/a"],
                "lru": True,
                "clock": lambda: 5.0,
            },
        ),
        "ContextManager.update": (
            cc.ContextManager().update,
            {"session_id": "s", "data": {"a": 1}},
        ),
        "ContextManager.inspect": (cc.ContextManager().inspect, {"session_id": "s"}),
        "ContextManager.reset": (cc.ContextManager().reset, {"session_id": "s"}),
        "ContextManager.sweep": (cc.ContextManager().sweep, {}),
        "WebhookEvent.from_json": (cc.WebhookEvent.from_json, {"text": EVENT_TEXT}),
        "WebhookEvent.from_value": (cc.WebhookEvent.from_value, {"value": EVENT}),
        "WebhookEvent.derived_variables": (
            cc.WebhookEvent.from_value(EVENT).derived_variables,
            {},
        ),
        "WebhookEvent.check_timestamp": (
            cc.WebhookEvent.from_value(EVENT).check_timestamp,
            {"now": 1.0},
        ),
        "check_journal": (cc.check_journal, {"path": journal}),
        "repair_journal": (cc.repair_journal, {"path": journal}),
        "Client": (_use_client, CLIENT_OPTIONS),
        "Client.inject_many": (_run_bulk, _bulk_arguments()),
        "AsyncClient": (_async_options(loop), CLIENT_OPTIONS),
        "AsyncClient.inject_many": (_async_bulk(loop), _bulk_arguments()),
        "AsyncBulkRun.aclose": (_close_async_bulk(loop), {}),
        "Sandbox": (
            _run_sandbox,
            {
                "port": 0,
                "host": "127.0.0.1",
                "api_key": "k",
                "client_id": "c",
                "client_secret": "s",
                "context_limit": 1000,
                "body_limit": 1000,
                "token_lifetime": 5,
                "max_entries": 10,
            },
        ),
    }
    for issue_owner in (cc.check({"": 1}).issues[0], cc.check({})):
        name = type(issue_owner).__name__
        calls[f"{name}.to_dict"] = (issue_owner.to_dict, {})
    report = cc.check({})
    calls["Report.raise_if_failed"] = (report.raise_if_failed, {})
    payload, update = cc.InjectionPayload(**PAYLOAD), cc.StateUpdate(**UPDATE)
    for method in ("check", "to_json", "to_api_body"):
        calls[f"InjectionPayload.{method}"] = (
            getattr(payload, method),
            {"clock": lambda: 5.0},
        )
        calls[f"StateUpdate.{method}"] = (getattr(update, method), {})
    calls["StateUpdate.split"] = (update.split, {})
    variables = cc.parse_variables(PAGE)
    calls["Variables.get"] = (variables.get, {"name": "tier", "default": None})
    for method in ("keys", "values", "items"):
        calls[f"Variables.{method}"] = (getattr(variables, method), {})
    calls["Variables.__getitem__"] = (variables.__getitem__, {"key": "tier"})
    calls["Variables.__contains__"] = (variables.__contains__, {"key": "tier"})
    for value in (
        *(report, report.sizes, cc.check({"": 1}).issues[0], cc.Policy()),
        *(cc.ScopedVariable("n", 1, "user"), variables, cc.Variable("k", 1), update),
        *(cc.WebhookEvent.from_value(EVENT), cc.check_journal(journal)),
    ):
        calls[f"{type(value).__name__}.__eq__"] = (value.__eq__, {"other": value})
    for name, arguments in CLIENT_CALLS.items():
        calls[f"Client.{name}"] = (_client_method(name), arguments)
        calls[f"AsyncClient.{name}"] = (_async_method(loop, name), arguments)
    calls["BulkRun.close"] = (_close_bulk, {})
    sandbox = Sandbox()
    for name in ("defaults", "start", "stop"):
        calls[f"Sandbox.{name}"] = (getattr(sandbox, name), {})
    return calls


def _new_journal() -> str:
    # The process ends soon, so nothing removes the folder before.
    path = os.path.join(tempfile.mkdtemp(), "journal")
    _client().inject_many([], journal=path).close()
    return path


def _policy(**arguments: Any) -> object:
    return cc.check({"a": 1}, cc.Policy(**arguments))


def _use_payload(*arguments: Any, **named: Any) -> object:
    payload = cc.InjectionPayload(*arguments, **named)
    payload.check()
    return payload.to_api_body()


def _use_update(**arguments: Any) -> object:
    update = cc.StateUpdate(**arguments)
    update.check()
    update.split()
    return update.to_api_body()


def _use_manager(**arguments: Any) -> object:
    return cc.ContextManager(**arguments).update("s", {"a": 1})


@cache
def _client() -> cc.Client:
    """Returns the client of all calls, because creating one takes longer than a call."""
    return cc.Client(ADDRESS, **OPTIONS)


@cache
def _async_client() -> cc.AsyncClient:
    return cc.AsyncClient(ADDRESS, **OPTIONS)


def _use_client(**options: Any) -> object:
    with cc.Client(**options) as client:
        return client.update_state("d", UPDATE)


def _client_method(name: str) -> Callable[..., object]:
    def call(*arguments: Any, **named: Any) -> object:
        client = cc.Client(ADDRESS, **OPTIONS) if name == "close" else _client()
        return getattr(client, name)(*arguments, **named)

    return call


def _bulk_arguments() -> dict[str, Any]:
    return {
        "items": [PAYLOAD],
        "journal": None,
        "durable": False,
        "concurrency": 2,
        "on_progress": lambda _: None,
    }


def _run_bulk(**arguments: Any) -> object:
    return list(_client().inject_many(**arguments))


def _close_bulk() -> None:
    _client().inject_many([PAYLOAD]).close()


def _run(
    loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, object]
) -> object:
    return loop.run_until_complete(coroutine)


def _async_options(loop: asyncio.AbstractEventLoop) -> Callable[..., object]:
    async def use(**options: Any) -> object:
        async with cc.AsyncClient(**options) as client:
            return await client.update_state("d", UPDATE)

    return lambda **options: _run(loop, use(**options))


def _async_method(loop: asyncio.AbstractEventLoop, name: str) -> Callable[..., object]:
    async def use(*arguments: Any, **named: Any) -> object:
        client = (
            cc.AsyncClient(ADDRESS, **OPTIONS) if name == "close" else _async_client()
        )
        result = getattr(client, name)(*arguments, **named)
        return await result if asyncio.iscoroutine(result) else result

    return lambda *arguments, **named: _run(loop, use(*arguments, **named))


def _async_bulk(loop: asyncio.AbstractEventLoop) -> Callable[..., object]:
    async def use(**arguments: Any) -> object:
        return [outcome async for outcome in _async_client().inject_many(**arguments)]

    return lambda **arguments: _run(loop, use(**arguments))


def _close_async_bulk(loop: asyncio.AbstractEventLoop) -> Callable[..., object]:
    async def use() -> None:
        await _async_client().inject_many([PAYLOAD]).aclose()

    return lambda: _run(loop, use())


def _run_sandbox(**options: Any) -> None:
    Sandbox(**options).stop()
