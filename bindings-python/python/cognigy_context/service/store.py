"""The protocol of the session store, and the types that all stores share."""

from dataclasses import dataclass, field
from typing import Protocol

from .ordering import Admission

__all__ = [
    "MAX_AUDIT_ENTRIES",
    "LeaseRequest",
    "Outcome",
    "SessionSnapshot",
    "Store",
    "StoreTimeout",
    "StoreUnreachable",
    "StoredEvent",
]

# The maximum number of audit entries per session. A store removes older entries.
MAX_AUDIT_ENTRIES = 10


class StoreUnreachable(Exception):
    """The store cannot be reached, or rejects the operation."""


class StoreTimeout(Exception):
    """The store did not respond in time."""


@dataclass(frozen=True)
class StoredEvent:
    """The part of an event that a store needs.

    Attributes:
        sort_key: The timestamp, as :func:`~cognigy_context.service.ordering.to_sort_key` writes it.
        variables: The derived variables, as JSON text.
    """

    sort_key: str
    variables: str = field(repr=False)


@dataclass(frozen=True)
class LeaseRequest:
    """A request for exclusive access to a session.

    Attributes:
        session: The hash of the session id.
        token: A random value that identifies this request.
        dedup_key: The hash of the delivery's id, the same for each delivery. None for a request
            that may take effect each time.
        event: The event to store; None for a request without an event. An event has a
            ``dedup_key``.
    """

    session: str
    token: str
    dedup_key: str | None = None
    event: StoredEvent | None = None


@dataclass(frozen=True)
class Outcome:
    """The result of a request that succeeded.

    Attributes:
        audit: The entry for the audit trail, as JSON text.
        context: The session's context document as JSON text; None when the request did not
            change the document.
    """

    audit: str
    context: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class SessionSnapshot:
    """The stored data of a session; empty for an unknown session.

    Attributes:
        variables: The variables of the event that was stored last, as JSON text; None without an
            event. Its injection may have failed.
        variables_expiry: When the variables expire, in seconds since the epoch.
        context: The context document, as JSON text; None without a document.
        context_expiry: When the context expires, in seconds since the epoch.
        audit: The audit entries as JSON texts, oldest first.
    """

    variables: str | None = field(default=None, repr=False)
    variables_expiry: float | None = None
    context: str | None = field(default=None, repr=False)
    context_expiry: float | None = None
    audit: tuple[str, ...] = ()


class Store(Protocol):
    """Stores sessions, and grants one request at a time exclusive access to a session.

    Every method may raise :class:`StoreUnreachable` and :class:`StoreTimeout`. A method that takes a
    lease request is idempotent.
    """

    async def begin(self, request: LeaseRequest) -> Admission:
        """Acquires the session's lease, or returns the reason why not.

        Args:
            request: The lease request.

        Returns:
            Admission: ``ADMITTED`` when the request has the lease and its event is stored:
            :meth:`finish` or :meth:`release` must follow. ``BUSY`` when the request is queued; it
            may lose its place when it does not call this method again. ``DUPLICATE`` or
            ``OLDER`` when it has no effect; the request is not queued.
        """
        ...

    async def wait(self, request: LeaseRequest, attempts: int) -> None:
        """Waits before the next call of :meth:`begin`.

        Args:
            request: The queued lease request.
            attempts: The number of earlier waits.
        """
        ...

    async def renew(self, request: LeaseRequest) -> bool:
        """Renews the lease.

        Args:
            request: The lease request.

        Returns:
            bool: False when the request has lost the lease.
        """
        ...

    async def finish(self, request: LeaseRequest, outcome: Outcome) -> None:
        """Marks the delivery as done and its event as the newest, stores the outcome, and releases the
        lease.

        A request that has lost its lease stores no outcome.

        Args:
            request: The lease request.
            outcome: The outcome to store.
        """
        ...

    async def release(self, request: LeaseRequest, hold_after: float = 0.0) -> None:
        """Releases the lease, or the place in the queue, without an outcome.

        Args:
            request: The lease request.
            hold_after: Seconds for which the lease stays taken, because a request to the tenant
                may still take effect.
        """
        ...

    async def inspect(self, session: str) -> SessionSnapshot:
        """Returns the stored data of a session.

        Args:
            session: The hash of the session id.

        Returns:
            SessionSnapshot: Empty for an unknown session.
        """
        ...

    async def reserve(self, max_wait: float) -> float:
        """Reserves one call to the tenant under the shared rate limit.

        Args:
            max_wait: The longest acceptable wait in seconds.

        Returns:
            float: Seconds to wait before the call. A value above ``max_wait`` means that nothing
            was reserved.
        """
        ...

    async def ping(self) -> None:
        """Checks that the store accepts writes."""
        ...

    async def close(self) -> None:
        """Closes all connections."""
        ...
