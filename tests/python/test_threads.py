"""Functions without network give the same result in many threads as in one."""

import threading
from collections.abc import Callable
from typing import Any

import cognigy_context as cc
from test_soak import FUNCTION_CALLS

THREADS = 32
TURNS = 20


def in_threads(work: Callable[[int], Any]) -> list[Any]:
    """Runs a function in 32 threads at the same time. Returns the result of each."""
    results: list[Any] = [None] * THREADS
    barrier = threading.Barrier(THREADS)

    def run(number: int) -> None:
        barrier.wait(timeout=60)
        results[number] = work(number)

    threads = [
        threading.Thread(target=run, args=(number,)) for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return results


def comparable(value: object) -> object:
    """Converts a result to a form without times and ids, which differ between calls."""
    if isinstance(value, dict) and "recent_audit_trail" in value:
        return value["current_context"]
    if isinstance(value, list) and value and isinstance(value[0], cc.StateUpdate):
        return [part.to_json() for part in value]
    return repr(value)


def test_every_function_gives_the_same_result_in_each_thread() -> None:
    FUNCTION_CALLS["ContextManager.update"]()
    expected = {name: comparable(call()) for name, call in FUNCTION_CALLS.items()}

    def work(number: int) -> dict[str, object]:
        names = list(FUNCTION_CALLS)
        names = names[number % len(names) :] + names[: number % len(names)]
        found: dict[str, object] = {}
        for _ in range(TURNS):
            found = {name: comparable(FUNCTION_CALLS[name]()) for name in names}
        return found

    for found in in_threads(work):
        assert found == expected


def test_many_threads_can_serialize_one_payload() -> None:
    variables = [
        {"key": f"k{number}", "value": {"a": [number]}} for number in range(100)
    ]
    payload = cc.InjectionPayload("s", variables)
    expected = payload.to_json()
    assert set(in_threads(lambda _: payload.to_json())) == {expected}


def test_concurrent_updates_of_a_manager_are_all_stored() -> None:
    manager = cc.ContextManager()

    def work(number: int) -> None:
        for turn in range(TURNS):
            manager.update("s", {f"thread_{number}": {"turn": turn}})

    in_threads(work)
    assert manager.inspect("s")["current_context"] == {
        f"thread_{number}": {"turn": TURNS - 1} for number in range(THREADS)
    }


def test_many_threads_can_read_parsed_variables() -> None:
    page = b'{"variables": [{"name": "a", "value": "1", "scope": "bot"}]}'
    variables = cc.parse_variables(page)
    found = in_threads(lambda _: variables["a"])
    assert all(variable is found[0] for variable in found)
    assert found[0].value == 1
