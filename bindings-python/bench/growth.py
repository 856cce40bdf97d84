"""How the time of the work of rows 1 to 4 grows with its input.

Prints a JSON line for each work and size; ``make bench`` draws them.
"""

import gc
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import orjson

from cognigy_context import (
    ContextManager,
    InjectionPayload,
    Report,
    StateUpdate,
    check,
    check_json,
    debug_view,
    parse_variables,
)

SIZES = (100, 316, 1_000, 3_162, 10_000, 31_623, 100_000, 316_228, 1_000_000)
SCOPES = ("session", "user", "global", "bot")
LIFTED: dict[str, Any] = {"max_context_bytes": None, "max_payload_bytes": None}


def values(count: int) -> dict[str, Any]:
    """So many variables of the kinds that CRMs have."""

    def value(index: int) -> Any:
        kinds = (
            *("gold, since the spring", index, index * 1.25, True),
            *(["crm", index], {"id": f"A-{index}", "open": True}),
        )
        return kinds[index % len(kinds)]

    return {f"variable_{index}": value(index) for index in range(count)}


def answer(count: int) -> bytes:
    """The answer that shows so many variables, as flows store them: as text."""

    def variable(index: int) -> dict[str, Any]:
        texts = (
            *("gold since spring", str(index), "129.5", "true"),
            f'{{"id":"A-{index}","open":true}}',
        )
        return {
            "name": f"variable_{index}",
            "value": texts[index % len(texts)],
            "scope": SCOPES[index % len(SCOPES)],
        }

    return orjson.dumps({"variables": [variable(index) for index in range(count)]})


def seconds(work: Callable[[], object]) -> float:
    """The median of the seconds of a call, over a fifth of a second: of the processor's time, as
    what else the machine does is not what grows."""

    def timed(calls: int) -> float:
        start = time.process_time()
        for _ in range(calls):
            work()
        return (time.process_time() - start) / calls

    # Long calls twice.
    if (first := timed(1)) > 0.3:
        return min(first, timed(1))
    calls = 1 + int(0.002 / timed(2))
    start, rounds = time.process_time(), []
    while len(rounds) < 3 or time.process_time() - start < 0.2:
        rounds.append(timed(calls))
    return statistics.median(rounds)


def report(work: str, rows: str, size: int, call: Callable[[], object]) -> None:
    line = {"language": "Python", "growth": work, "rows": rows, "size": size}
    print(json.dumps({**line, "seconds": seconds(call)}), flush=True)


def hold(found: Report, size: int) -> None:
    """All was gone through, and nothing found but that it is more than one request takes."""
    assert {issue.code for issue in found.issues} <= {"payload_too_large"}
    assert found.sizes.json_bytes > 10 * size


def growth(size: int) -> None:
    given = values(size)
    text = orjson.dumps(given)
    platform: Any = {"preset": "platform", **LIFTED}
    assert check_json(text, platform).ok
    report("check of JSON text", "", size, lambda: check_json(text, platform))
    assert check(given, platform).sizes.json_bytes == len(text)
    report("check of objects", "", size, lambda: check(given, platform))

    # Their limits are the APIs' and stay: beyond them a body is refused after the same work.
    variables = [
        {"key": key, "value": value, "scope": SCOPES[index % 3]}
        for index, (key, value) in enumerate(given.items())
    ]
    hold(InjectionPayload("s", variables).check(), size)
    report(
        *("payload of an injection", "1", size),
        lambda: InjectionPayload("s", variables).check(),
    )
    hold(StateUpdate(session=given).check(), size)
    report("state update", "4", size, lambda: StateUpdate(session=given).check())

    page = answer(size)
    assert len(debug_view(parse_variables(page))) == size
    report(
        "response to debug view", "2", size, lambda: debug_view(parse_variables(page))
    )

    manager = ContextManager(max_size_bytes=1 << 40)
    manager.update("s", given)
    assert len(manager.update("s", {"variable_1": 2}).context) == size
    report(
        *("update of a context", "3", size),
        lambda: manager.update("s", {"variable_1": 2}).context,
    )
    report("orjson: write alone", "", size, lambda: orjson.dumps(given))
    report("orjson: read alone", "", size, lambda: orjson.loads(text))


def main() -> None:
    # A collection goes through all that this bench itself holds, which is none of the work.
    gc.disable()
    for size in SIZES:
        growth(size)


if __name__ == "__main__":
    main()
