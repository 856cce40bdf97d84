"""Soak test: memory does not grow over many calls of each function without network."""

import ctypes
import gc
import json
import os
import resource
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cognigy_context as cc
import pytest

CALLS = 100_000
WARM_UP = 10_000
# Growth in bytes that the allocator may cause. A leak of 64 bytes per call is 6.4 MB.
MAX_GROWTH = 2 << 20

CONTEXT: dict[str, Any] = {
    "customer": {"tier": "gold", "tags": ["a", "ü"]},
    "visits": 3,
}
TEXT = json.dumps(CONTEXT)
INVALID: dict[str, Any] = {"": 1, "a": float("nan"), "b": {1: 2}}
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
COMPILED_SCHEMA = cc.Schema(SCHEMA)
JOURNALS = Path(tempfile.mkdtemp())


def own_journal() -> Path:
    """Returns a journal that no other thread uses."""
    journal = JOURNALS / f"{threading.get_ident()}"
    if not journal.exists():
        journal.write_text("cognigy-context journal 1\n", "ascii")
    return journal


def assert_rejected(call: Callable[[], object]) -> None:
    with pytest.raises(cc.CognigyError):
        call()


FUNCTION_CALLS: dict[str, Callable[[], object]] = {
    "check": lambda: cc.check(CONTEXT, existing={"a": 1}),
    "check, rejected": lambda: assert_rejected(cc.check(INVALID).raise_if_failed),
    "check_json": lambda: cc.check_json(TEXT, {"preset": "state"}).to_dict(),
    "check_json, rejected": lambda: cc.check_json('{"a":1,"a":').issues,
    "measure": lambda: cc.measure(CONTEXT),
    "measure_json": lambda: cc.measure_json(TEXT),
    "coerce": lambda: (cc.coerce("42"), cc.coerce('{"a": [1]}', "compat")),
    "coerce, rejected": lambda: assert_rejected(lambda: cc.coerce("x", hint="number")),
    "parse_variables": lambda: (parsed := cc.parse_variables(PAGE), parsed.issues),
    "parse_variables, rejected": lambda: assert_rejected(
        lambda: cc.parse_variables("[]")
    ),
    "debug_view": lambda: cc.debug_view(cc.parse_variables(PAGE)),
    "resolve_scopes": lambda: cc.resolve_scopes([{"name": "a", "scope": "bot"}]),
    "variables_url": lambda: cc.variables_url("https://h", "s/1", name="ü"),
    "serialize_context": lambda: cc.serialize_context(CONTEXT),
    "deep_merge": lambda: cc.deep_merge(CONTEXT, {"customer": {"a": [1]}}),
    "Schema.apply": lambda: COMPILED_SCHEMA.apply(CONTEXT),
    "ContextManager.update": lambda: MANAGER.update("s", CONTEXT).context,
    "ContextManager.inspect": lambda: MANAGER.inspect("s"),
    "InjectionPayload": lambda: cc.InjectionPayload(
        "s", [{"key": "a", "value": CONTEXT}, cc.Variable("b", 1, "user")]
    ).to_json(),
    "InjectionPayload, rejected": lambda: assert_rejected(
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
    "check_journal": lambda: cc.check_journal(own_journal()),
    "repair_journal": lambda: cc.repair_journal(own_journal()),
    "Policy": lambda: cc.Policy("state", max_depth=2).replace(preset="context"),
}


class MallocInfo(ctypes.Structure):
    """The result of ``mallinfo2`` of glibc."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks"),
            *("fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


# The estimated size of a block. Python's allocator reports only their number.
BYTES_PER_BLOCK = 64


def allocated_bytes() -> int:
    """Returns the bytes that are allocated and not freed.

    Uses the resident memory of the process only if the C library reports no figures,
    because an allocator retains freed memory.
    """
    try:
        mallinfo = ctypes.CDLL(None).mallinfo2
    except (AttributeError, OSError, TypeError):
        return resident_bytes()
    mallinfo.restype = MallocInfo
    info = mallinfo()
    blocks: int = sys.getallocatedblocks()
    allocated: int = info.uordblks + info.hblkhd
    return allocated + blocks * BYTES_PER_BLOCK


def resident_bytes() -> int:
    """Returns the resident memory of the process, or its maximum without ``/proc``."""
    try:
        pages = Path("/proc/self/statm").read_text("ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        # The unit is bytes on macOS and KiB on other systems.
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


@pytest.mark.soak
@pytest.mark.parametrize("name", FUNCTION_CALLS)
def test_memory_does_not_grow(name: str) -> None:
    call = FUNCTION_CALLS[name]
    for _ in range(WARM_UP):
        call()
    gc.collect()
    before = allocated_bytes()
    for _ in range(CALLS):
        call()
    gc.collect()
    assert allocated_bytes() - before < MAX_GROWTH


def test_every_function_without_network_is_covered() -> None:
    covered = " ".join(FUNCTION_CALLS)
    functions = [
        name
        for name in cc.__all__
        if callable(getattr(cc, name)) and not isinstance(getattr(cc, name), type)
    ]
    assert [name for name in functions if name not in covered] == []
