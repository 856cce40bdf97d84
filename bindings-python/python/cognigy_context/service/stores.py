"""What keeps sessions: the protocol, and what is the same for every store."""

from dataclasses import dataclass, field
from typing import Protocol

from .ordering import Verdict

__all__ = [
    "Event",
    "Kept",
    "Outcome",
    "Store",
    "StoreTimeout",
    "StoreUnreachable",
    "Turn",
]

# How many audit entries of a session are kept.
AUDIT_KEPT = 10


class StoreUnreachable(Exception):
    """The store cannot be reached, or refuses to work."""


class StoreTimeout(Exception):
    """The store did not answer in time."""


@dataclass(frozen=True)
class Event:
    """What a store has to know of an event.

    Attributes:
        mark: The hash of its id.
        at: Its timestamp, as :func:`~cognigy_context.service.ordering.sort_text` gives it.
        variables: What is derived of it, as JSON text.
    """

    mark: str
    at: str
    variables: str = field(repr=False)


@dataclass(frozen=True)
class Turn:
    """A request that wants a session for itself.

    Attributes:
        session: The hash of the session's id.
        token: What tells this request from all others.
        event: The event, when it is about one.
    """

    session: str
    token: str
    event: Event | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of a turn that succeeded.

    Attributes:
        audit: The entry for the audit trail, as JSON text.
        context: The session's context document as JSON text, when it was written.
    """

    audit: str
    context: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Kept:
    """What a store knows of a session: JSON texts, and when they end (epoch seconds)."""

    variables: str | None = field(default=None, repr=False)
    variables_end: float | None = None
    context: str | None = field(default=None, repr=False)
    context_end: float | None = None
    audit: tuple[str, ...] = ()


class Store(Protocol):
    """Keeps sessions, and gives each to one request at a time.

    Every method may raise :class:`StoreUnreachable` and :class:`StoreTimeout`, and none changes
    what it should not when it is called again with the same turn.
    """

    async def begin(self, turn: Turn) -> Verdict:
        """Takes the session for a turn, or says why not. ``GO`` has stored the event already, and
        must be followed by :meth:`finish` or :meth:`release`; after ``BUSY`` the turn keeps its
        place in the queue as long as it asks again."""
        ...

    async def wait(self, turn: Turn, asked: int) -> None:
        """Waits until it is worth asking again. ``asked`` is how often it was asked before."""
        ...

    async def renew(self, turn: Turn) -> bool:
        """Keeps the session a while longer. False when it is no longer this turn's."""
        ...

    async def finish(self, turn: Turn, outcome: Outcome) -> None:
        """Marks the turn's event as done, keeps what came of it, and gives the session back."""
        ...

    async def release(self, turn: Turn, after: float = 0.0) -> None:
        """Gives the session, or the place in the queue, back without an outcome.

        Args:
            turn: The turn.
            after: Seconds for which the session is kept from others all the same, because what
                was sent may still take effect.
        """
        ...

    async def inspect(self, session: str) -> Kept:
        """What is known of a session; nothing of an unknown one."""
        ...

    async def reserve(self, latest: float) -> float:
        """Takes one of the calls that the shared rate allows.

        Args:
            latest: Seconds that can be waited.

        Returns:
            float: Seconds to wait before the call. More than ``latest`` when there is none in
            time: then none was taken.
        """
        ...

    async def ping(self) -> None:
        """Answers when the store does."""
        ...

    async def close(self) -> None:
        """Lets go of all connections."""
        ...
