"""Measures how the time of an operation grows with the number of variables.

Prints one JSON line per operation and size; ``make bench`` draws the plot.
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

# Numbers of variables: two steps per power of ten.
SIZES = (100, 316, 1_000, 3_162, 10_000, 31_623, 100_000, 316_228, 1_000_000)
SCOPES = ("session", "user", "global", "bot")
NO_LIMITS: dict[str, Any] = {"max_context_bytes": None, "max_payload_bytes": None}


def values(count: int) -> dict[str, Any]:
    """Returns variables with the types of values that a CRM has."""

    def value(index: int) -> Any:
        examples = (
            *("gold, since the spring", index, index * 1.25, True),
            *(["crm", index], {"id": f"A-{index}", "open": True}),
        )
        return examples[index % len(examples)]

    return {f"variable_{index}": value(index) for index in range(count)}


def response(count: int) -> bytes:
    """Returns a response with variables, whose values are text."""

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
    """Returns the CPU seconds of one call.

    The result is the median over at least 0.2 s, or the faster of two calls above 0.3 s.
    """

    def mean_seconds(calls: int) -> float:
        start = time.process_time()
        for _ in range(calls):
            work()
        return (time.process_time() - start) / calls

    if (first := mean_seconds(1)) > 0.3:
        return min(first, mean_seconds(1))
    calls = 1 + int(0.002 / mean_seconds(2))
    start, rounds = time.process_time(), []
    while len(rounds) < 3 or time.process_time() - start < 0.2:
        rounds.append(mean_seconds(calls))
    return statistics.median(rounds)


def report(work: str, rows: str, size: int, call: Callable[[], object]) -> None:
    """Measures and prints an operation. ``rows`` is its row of the table, or empty."""
    line = {"language": "Python", "growth": work, "rows": rows, "size": size}
    print(json.dumps({**line, "seconds": seconds(call)}), flush=True)


def assert_complete(result: Report, size: int) -> None:
    """Asserts that all variables were checked, with the size as the only issue."""
    assert {issue.code for issue in result.issues} <= {"payload_too_large"}
    # A variable has more than 10 bytes.
    assert result.sizes.json_bytes > 10 * size


def measure_all(size: int) -> None:
    given = values(size)
    text = orjson.dumps(given)
    platform: Any = {"preset": "platform", **NO_LIMITS}
    assert check_json(text, platform).ok
    report("check of JSON text", "", size, lambda: check_json(text, platform))
    assert check(given, platform).sizes.json_bytes == len(text)
    report("check of objects", "", size, lambda: check(given, platform))

    # A body above the fixed limit of the API is checked completely, then rejected.
    variables = [
        {"key": key, "value": value, "scope": SCOPES[index % 3]}
        for index, (key, value) in enumerate(given.items())
    ]
    assert_complete(InjectionPayload("s", variables).check(), size)
    report(
        *("payload of an injection", "1", size),
        lambda: InjectionPayload("s", variables).check(),
    )
    assert_complete(StateUpdate(session=given).check(), size)
    report("state update", "4", size, lambda: StateUpdate(session=given).check())

    body = response(size)
    assert len(debug_view(parse_variables(body))) == size
    report(
        "response to debug view", "2", size, lambda: debug_view(parse_variables(body))
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
    # A garbage collection would also visit the input, which is not part of the work.
    gc.disable()
    for size in SIZES:
        measure_all(size)


if __name__ == "__main__":
    main()
