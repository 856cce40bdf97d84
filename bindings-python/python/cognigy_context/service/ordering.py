"""The order in which the events of a session take effect.

An event's position is its timestamp, then its arrival number, which orders equal timestamps. An
event before the newest stored event has no effect, because all events set the same variables. A
redelivered event keeps its position, so that a retry cannot overtake a newer event.

The arrival number is stored before the injection. The position of the newest event moves, and the event
is marked as done, only after the injection succeeded. So a failed event can be delivered again and does
not stop older ones, a completed event takes effect once, and neither overwrites a newer one.

This module is the rule for one process; ``begin.lua`` and ``finish.lua`` are the same rule for Redis.
"""

from enum import Enum
from typing import NamedTuple

__all__ = ["DONE", "Admission", "EventPosition", "decide_admission", "to_sort_key"]

# Replaces the arrival number in the state of a completed event.
DONE = "done"


class Admission(Enum):
    """The decision about a request for a session."""

    ADMITTED = "admitted"
    """The request has the session's lease, and its event is stored."""
    BUSY = "busy"
    """Another request has the lease, or is earlier in the queue."""
    DUPLICATE = "duplicate"
    """The event, or the sync, has already taken effect."""
    OLDER = "older"
    """A newer event has already taken effect."""


class EventPosition(NamedTuple):
    """The position of an event in its session. A greater one is newer.

    Attributes:
        sort_key: The timestamp, as :func:`to_sort_key` writes it.
        arrival: The number of the event among the admitted events of the session, from 1.
    """

    sort_key: str
    arrival: int


def to_sort_key(timestamp: int) -> str:
    """Returns a 64-bit timestamp as text that sorts like the number. Lua has no 64-bit integers.

    Args:
        timestamp: From -2**63 to 2**63 - 1.

    Returns:
        str: 20 digits.
    """
    return f"{timestamp + (1 << 63):020d}"


def decide_admission(
    state: str | None, newest: EventPosition | None, last_arrival: int, sort_key: str
) -> tuple[Admission, int]:
    """Decides whether an event takes effect.

    Args:
        state: The event's arrival number, ``done``, or None for a new event.
        newest: The position of the newest event that has taken effect; None without one.
        last_arrival: The greatest arrival number of the session; 0 without one.
        sort_key: The event's timestamp, as :func:`to_sort_key` writes it.

    Returns:
        tuple: The decision, and the arrival number of the event; 0 for a duplicate.
    """
    if state == DONE:
        return Admission.DUPLICATE, 0
    arrival = last_arrival + 1 if state is None else int(state)
    if newest is not None and EventPosition(sort_key, arrival) < newest:
        return Admission.OLDER, arrival
    return Admission.ADMITTED, arrival
