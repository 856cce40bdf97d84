"""Memory stays flat over many calls of each pure entry point; the calls are part of the soak."""

import ctypes
import gc
import json
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cognigy_context as cc
import pytest

CALLS = 100_000
WARM_UP = 10_000
# What the allocator may keep for itself; a leak of one object a call is ten times that.
SLACK = 2 << 20

CONTEXT: dict[str, Any] = {
    "customer": {"tier": "gold", "tags": ["a", "ü"]},
    "visits": 3,
}
TEXT = json.dumps(CONTEXT)
WRONG: dict[str, Any] = {"": 1, "a": float("nan"), "b": {1: 2}}
PAGE = json.dumps(
    {
        "variables": [
            {"name": "a", "value": "42", "scope": "session"},
            {"name": "a", "value": '{"b": [1]}', "scope": "user"},
            {"name": "c", "value": "x", "scope": "bot", "type": "number"},
        ]
    }
)
EVENT = (
    '{"sessionId":"s","userId":"u","message":"m","channel":"c","timestamp":1,'
    '"custom":{"a":[1]}}'
)
SCHEMA = {"type": "object", "properties": {"tier": {"default": "x"}}}
MANAGER = cc.ContextManager(SCHEMA, clock=lambda: 1.0)
HELD = cc.Schema(SCHEMA)


def refused(call: Callable[[], object]) -> None:
    with pytest.raises(cc.CognigyError):
        call()


ENTRY_POINTS: dict[str, Callable[[], object]] = {
    "check": lambda: cc.check(CONTEXT, existing={"a": 1}),
    "check, refused": lambda: refused(cc.check(WRONG).raise_if_failed),
    "check_json": lambda: cc.check_json(TEXT, {"preset": "state"}).to_dict(),
    "check_json, refused": lambda: cc.check_json('{"a":1,"a":').issues,
    "measure": lambda: cc.measure(CONTEXT),
    "measure_json": lambda: cc.measure_json(TEXT),
    "coerce": lambda: (cc.coerce("42"), cc.coerce('{"a": [1]}', "compat")),
    "coerce, refused": lambda: refused(lambda: cc.coerce("x", hint="number")),
    "parse_variables": lambda: (parsed := cc.parse_variables(PAGE), parsed.issues),
    "parse_variables, refused": lambda: refused(lambda: cc.parse_variables("[]")),
    "debug_view": lambda: cc.debug_view(cc.parse_variables(PAGE)),
    "resolve_scopes": lambda: cc.resolve_scopes([{"name": "a", "scope": "bot"}]),
    "variables_url": lambda: cc.variables_url("https://h", "s/1", name="ü"),
    "serialize_context": lambda: cc.serialize_context(CONTEXT),
    "deep_merge": lambda: cc.deep_merge(CONTEXT, {"customer": {"a": [1]}}),
    "Schema.apply": lambda: HELD.apply(CONTEXT),
    "ContextManager.update": lambda: MANAGER.update("s", CONTEXT).context,
    "ContextManager.inspect": lambda: MANAGER.inspect("s"),
    "InjectionPayload": lambda: cc.InjectionPayload(
        "s", [{"key": "a", "value": CONTEXT}, cc.Variable("b", 1, "user")]
    ).to_json(),
    "InjectionPayload, refused": lambda: refused(
        lambda: cc.InjectionPayload("s", [{"key": "", "value": 1}, 3]).to_api_body()
    ),
    "StateUpdate": lambda: cc.StateUpdate(CONTEXT, next_step="x").to_api_body(),
    "StateUpdate.split": lambda: cc.StateUpdate(CONTEXT, {"a": 1}).split(),
    "WebhookEvent": lambda: cc.WebhookEvent.from_json(EVENT).derived_variables(),
    "event_id": lambda: cc.event_id(EVENT),
    "hash_session_id": lambda: cc.hash_session_id("s", b"key"),
    "inject_context_request": lambda: cc.inject_context_request(
        "https://h", "s", "u", CONTEXT
    ),
    "Policy": lambda: cc.Policy("state", max_depth=2).replace(preset="context"),
}


class MallocInfo(ctypes.Structure):
    """What ``mallinfo2`` of glibc tells."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks"),
            *("fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


# A guess for the blocks of Python's own allocator, which knows only how many there are.
BYTES_OF_A_BLOCK = 64


def held_bytes() -> int:
    """What is allocated and not freed.

    How much of what was freed an allocator keeps depends on the order in which threads ran, so that
    the memory of the process is looked at only where nothing better is known.
    """
    try:
        mallinfo = ctypes.CDLL(None).mallinfo2
    except (AttributeError, OSError, TypeError):
        return resident_bytes()
    mallinfo.restype = MallocInfo
    info = mallinfo()
    blocks: int = sys.getallocatedblocks()
    held: int = info.uordblks + info.hblkhd
    return held + blocks * BYTES_OF_A_BLOCK


def resident_bytes() -> int:
    try:
        pages = Path("/proc/self/statm").read_text("ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.soak
@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_memory_is_flat(name: str) -> None:
    call = ENTRY_POINTS[name]
    for _ in range(WARM_UP):
        call()
    gc.collect()
    before = held_bytes()
    for _ in range(CALLS):
        call()
    gc.collect()
    assert held_bytes() - before < SLACK


def test_every_pure_entry_point_is_among_them() -> None:
    named = " ".join(ENTRY_POINTS)
    functions = [
        name
        for name in cc.__all__
        if callable(getattr(cc, name)) and not isinstance(getattr(cc, name), type)
    ]
    assert [name for name in functions if name not in named] == []
