"""The session store in the memory of one process."""

import asyncio
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field

from .ordering import DONE, Admission, EventPosition, decide_admission
from .settings import Settings
from .store import MAX_AUDIT_ENTRIES, LeaseRequest, Outcome, SessionSnapshot

__all__ = ["MemoryStore"]

# Limits the memory that the events of a single session can use.
_MAX_EVENT_STATES = 1_000


@dataclass
class _Session:
    """One session. ``expires_at`` and all expiries are seconds since the epoch."""

    expires_at: float
    newest: EventPosition | None = None
    last_arrival: int = 0
    order_expiry: float = 0.0
    variables: str | None = None
    variables_expiry: float = 0.0
    context: str | None = None
    context_expiry: float = 0.0
    audit: deque[str] = field(default_factory=lambda: deque(maxlen=MAX_AUDIT_ENTRIES))
    # By deduplication key of a delivery: the arrival number or DONE, and when this state expires.
    event_states: OrderedDict[str, tuple[str, float]] = field(
        default_factory=OrderedDict
    )
    # The token of the request that has the lease.
    holder: str | None = None
    queue: list[str] = field(default_factory=list)
    # Set when the lease or the queue changes. A new event then replaces it.
    queue_changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_in_use(self) -> bool:
        return self.holder is not None or bool(self.queue)


class MemoryStore:
    """Stores sessions in this process, up to ``max_sessions``.

    A session expires when it has not been used for the longer of ``session_ttl`` and ``dedup_ttl``.

    The holder of a lease lives in the same process, so leases do not expire.

    Args:
        settings: The time-to-live values, and the maximum number of sessions.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._dedup_ttl = settings.dedup_ttl
        self._sessions: OrderedDict[str, _Session] = OrderedDict()

    async def begin(self, request: LeaseRequest) -> Admission:
        """See :class:`~cognigy_context.service.store.Store`."""
        now = time.time()
        session = self._session(request.session, now)
        event, state = request.event, self._delivery_state(request, session, now)
        admission, arrival = Admission.ADMITTED, 0
        if event is not None:
            admission, arrival = decide_admission(
                state, *self._order(session, now), event.sort_key
            )
        elif state == DONE:
            admission = Admission.DUPLICATE
        if admission is not Admission.ADMITTED:
            self._dequeue(session, request.token)
            return admission
        first = session.queue[0] if session.queue else request.token
        if session.holder not in (None, request.token) or first != request.token:
            if request.token not in session.queue:
                session.queue.append(request.token)
            return Admission.BUSY
        self._dequeue(session, request.token)
        session.holder = request.token
        if event is not None:
            session.newest, last_arrival = self._order(session, now)
            session.last_arrival = max(last_arrival, arrival)
            session.variables = event.variables
            expiry = now + self._settings.session_ttl
            session.order_expiry = session.variables_expiry = expiry
            self._set_delivery_state(session, request, str(arrival), now)
        return Admission.ADMITTED

    async def wait(self, request: LeaseRequest, attempts: int) -> None:
        """See :class:`~cognigy_context.service.store.Store`."""
        session = self._sessions.get(request.session)
        if session is not None:
            await session.queue_changed.wait()

    async def renew(self, request: LeaseRequest) -> bool:
        """See :class:`~cognigy_context.service.store.Store`."""
        session = self._sessions.get(request.session)
        return session is not None and session.holder == request.token

    async def finish(self, request: LeaseRequest, outcome: Outcome) -> None:
        """See :class:`~cognigy_context.service.store.Store`."""
        now = time.time()
        session = self._session(request.session, now)
        if request.event is not None:
            self._move_newest(session, request, request.event.sort_key, now)
        self._set_delivery_state(session, request, DONE, now)
        if outcome.context is not None:
            session.context = outcome.context
            session.context_expiry = now + self._settings.session_ttl
        session.audit.append(outcome.audit)
        self._dequeue(session, request.token)

    async def release(self, request: LeaseRequest, hold_after: float = 0.0) -> None:
        """See :class:`~cognigy_context.service.store.Store`."""
        session = self._sessions.get(request.session)
        if session is None:
            return
        if hold_after > 0 and session.holder == request.token:
            loop = asyncio.get_running_loop()
            loop.call_later(hold_after, self._dequeue, session, request.token)
        else:
            self._dequeue(session, request.token)

    async def inspect(self, session: str) -> SessionSnapshot:
        """See :class:`~cognigy_context.service.store.Store`."""
        now = time.time()
        found = self._sessions.get(session)
        if found is None or (found.expires_at <= now and not found.is_in_use):
            return SessionSnapshot()
        variables = found.variables if now < found.variables_expiry else None
        context = found.context if now < found.context_expiry else None
        return SessionSnapshot(
            variables=variables,
            variables_expiry=None if variables is None else found.variables_expiry,
            context=context,
            context_expiry=None if context is None else found.context_expiry,
            audit=tuple(found.audit),
        )

    async def reserve(self, max_wait: float) -> float:
        """Returns 0: without other processes, the client's rate limit is enough."""
        return 0.0

    async def ping(self) -> None:
        """Succeeds: the memory is always available."""

    async def close(self) -> None:
        """Does nothing: there are no connections."""

    def _session(self, name: str, now: float) -> _Session:
        session = self._sessions.get(name)
        if session is not None and session.expires_at <= now and not session.is_in_use:
            session = None
        if session is None:
            self._evict(now)
            session = self._sessions[name] = _Session(expires_at=now)
        ttl = max(self._settings.session_ttl, self._dedup_ttl)
        session.expires_at = now + ttl
        self._sessions.move_to_end(name)
        return session

    def _evict(self, now: float) -> None:
        """Removes expired sessions and, at the maximum, the least recently used ones. Checks two
        sessions for each new one, so that each call takes constant time."""
        for name in self._least_recently_used(2):
            session = self._sessions[name]
            is_expired = session.expires_at <= now
            is_full = len(self._sessions) >= self._settings.max_sessions
            if not session.is_in_use and (is_expired or is_full):
                del self._sessions[name]

    def _least_recently_used(self, count: int) -> list[str]:
        return [name for name, _ in zip(self._sessions, range(count))]

    def _order(self, session: _Session, now: float) -> tuple[EventPosition | None, int]:
        """Returns the position of the newest event, and the last arrival number."""
        if session.order_expiry <= now:
            return None, 0
        return session.newest, session.last_arrival

    def _move_newest(
        self, session: _Session, request: LeaseRequest, sort_key: str, now: float
    ) -> None:
        """Makes an event that has taken effect the newest one, unless a newer one has."""
        state = self._delivery_state(request, session, now)
        if state == DONE:
            return
        newest, last_arrival = self._order(session, now)
        arrival = last_arrival + 1 if state is None else int(state)
        position = EventPosition(sort_key, arrival)
        session.newest = position if newest is None else max(newest, position)
        session.last_arrival = max(last_arrival, arrival)
        session.order_expiry = now + self._settings.session_ttl

    @staticmethod
    def _delivery_state(
        request: LeaseRequest, session: _Session, now: float
    ) -> str | None:
        entry = session.event_states.get(request.dedup_key or "")
        return entry[0] if entry is not None and now < entry[1] else None

    def _set_delivery_state(
        self, session: _Session, request: LeaseRequest, state: str, now: float
    ) -> None:
        if request.dedup_key is None:
            return
        session.event_states[request.dedup_key] = (state, now + self._dedup_ttl)
        session.event_states.move_to_end(request.dedup_key)
        while len(session.event_states) > _MAX_EVENT_STATES:
            session.event_states.popitem(last=False)

    @staticmethod
    def _dequeue(session: _Session, token: str) -> None:
        """Removes the lease or the queue place of a request, and wakes the waiting requests."""
        if session.holder == token:
            session.holder = None
        if token in session.queue:
            session.queue.remove(token)
        changed, session.queue_changed = session.queue_changed, asyncio.Event()
        changed.set()
