"""Many threads at once on what needs no network: each gets what it would get alone."""

import threading
from collections.abc import Callable
from typing import Any

import cognigy_context as cc
from test_soak import ENTRY_POINTS

THREADS = 32
TURNS = 20


def in_threads(work: Callable[[int], Any]) -> list[Any]:
    """What each thread found; all begin at once."""
    found: list[Any] = [None] * THREADS
    begin = threading.Barrier(THREADS)

    def run(number: int) -> None:
        begin.wait(timeout=60)
        found[number] = work(number)

    threads = [threading.Thread(target=run, args=(it,)) for it in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return found


def shown(value: object) -> object:
    """What two results of one call have in common: not the time, nor ids."""
    if isinstance(value, dict) and "recent_audit_trail" in value:
        return value["current_context"]
    if isinstance(value, list) and value and isinstance(value[0], cc.StateUpdate):
        return [part.to_json() for part in value]
    return repr(value)


def test_every_entry_point_gives_the_same_in_each_thread() -> None:
    ENTRY_POINTS["ContextManager.update"]()
    expected = {name: shown(call()) for name, call in ENTRY_POINTS.items()}

    def work(number: int) -> dict[str, object]:
        names = list(ENTRY_POINTS)
        names = names[number % len(names) :] + names[: number % len(names)]
        found: dict[str, object] = {}
        for _ in range(TURNS):
            found = {name: shown(ENTRY_POINTS[name]()) for name in names}
        return found

    for found in in_threads(work):
        assert found == expected


def test_one_payload_is_written_by_many_threads() -> None:
    variables = [{"key": f"k{it}", "value": {"a": [it]}} for it in range(100)]
    payload = cc.InjectionPayload("s", variables)
    expected = payload.to_json()
    assert set(in_threads(lambda _: payload.to_json())) == {expected}


def test_no_update_of_a_shared_manager_is_lost() -> None:
    manager = cc.ContextManager()

    def work(number: int) -> None:
        for turn in range(TURNS):
            manager.update("s", {f"thread_{number}": {"turn": turn}})

    in_threads(work)
    assert manager.inspect("s")["current_context"] == {
        f"thread_{number}": {"turn": TURNS - 1} for number in range(THREADS)
    }


def test_one_answer_is_read_by_many_threads() -> None:
    page = b'{"variables": [{"name": "a", "value": "1", "scope": "bot"}]}'
    answer = cc.parse_variables(page)
    found = in_threads(lambda _: answer["a"])
    assert all(variable is found[0] for variable in found)
    assert found[0].value == 1
