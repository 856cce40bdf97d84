"""The order in which the events of a session take effect.

An event's position is its timestamp, then its arrival number, which orders equal timestamps. An
event before the newest stored event has no effect, because all events set the same variables. A
redelivered event keeps its position, so that a retry cannot overtake a newer event.

A position is stored before the injection, and the event is marked as done after it. So a failed event
can be delivered again, a completed event takes effect once, and neither overwrites a newer one.

This module is the rule for one process; ``begin.lua`` is the same rule for Redis.
"""

from dataclasses import dataclass
from enum import Enum

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
    """The event has already taken effect."""
    SUPERSEDED = "superseded"
    """A newer event is already stored."""


@dataclass(frozen=True)
class EventPosition:
    """The position of an event in its session.

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
    state: str | None, newest: EventPosition | None, sort_key: str
) -> tuple[Admission, EventPosition]:
    """Decides whether an event takes effect.

    Args:
        state: The event's arrival number, ``done``, or None for a new event.
        newest: The position of the session's newest event; None without one.
        sort_key: The event's timestamp, as :func:`to_sort_key` writes it.

    Returns:
        tuple: The decision, and the position of the newest event after the decision.
    """
    if state == DONE:
        return Admission.DUPLICATE, newest or EventPosition(sort_key, 0)
    if newest is not None:
        arrival = newest.arrival if state is None else int(state)
        if (sort_key, arrival) < (newest.sort_key, newest.arrival):
            return Admission.SUPERSEDED, newest
    last = 0 if newest is None else newest.arrival
    arrival = last + 1 if state is None else int(state)
    return Admission.ADMITTED, EventPosition(sort_key, arrival)
