"""The store of one process."""

import asyncio
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field

from .ordering import DONE, Newest, Verdict, place_of
from .settings import Settings
from .stores import AUDIT_KEPT, Kept, Outcome, Turn

__all__ = ["MemoryStore"]

# Marks of one session that are kept, so that one session alone cannot fill the memory.
_MARKS_KEPT = 1_000


@dataclass
class _Session:
    """One session. Times are those of ``time.time``."""

    end: float
    newest: Newest | None = None
    variables: str | None = None
    variables_end: float = 0.0
    context: str | None = None
    context_end: float = 0.0
    audit: deque[str] = field(default_factory=lambda: deque(maxlen=AUDIT_KEPT))
    # Of each event its arrival number or that it is done, and until when that is known.
    marks: OrderedDict[str, tuple[str, float]] = field(default_factory=OrderedDict)
    holder: str | None = None
    queue: list[str] = field(default_factory=list)
    # Wakes who is in the queue.
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_used(self) -> bool:
        return self.holder is not None or bool(self.queue)


class MemoryStore:
    """Keeps sessions in this process: bounded, each for a while after it was last used.

    The holder of a session lives in the same process, so it needs no lease that ends by itself.

    Args:
        settings: How long things are kept, and how many.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sessions: OrderedDict[str, _Session] = OrderedDict()

    async def begin(self, turn: Turn) -> Verdict:
        """See :class:`~cognigy_context.service.stores.Store`."""
        now = time.time()
        session = self._session(turn.session, now)
        event = turn.event
        # The order is forgotten with what it is the order of.
        newest = session.newest if now < session.variables_end else None
        if event is not None:
            mark = session.marks.get(event.mark)
            known = mark[0] if mark is not None and now < mark[1] else None
            verdict, newest = place_of(known, newest, event.at)
            if verdict is not Verdict.GO:
                self._leave(session, turn.token)
                return verdict
        first = session.queue[0] if session.queue else turn.token
        if session.holder not in (None, turn.token) or first != turn.token:
            if turn.token not in session.queue:
                session.queue.append(turn.token)
            return Verdict.BUSY
        self._leave(session, turn.token)
        session.holder = turn.token
        if event is not None and newest is not None:
            session.newest = newest
            session.variables = event.variables
            session.variables_end = now + self._settings.session_ttl
            self._mark(session, event.mark, str(newest.number), now)
        return Verdict.GO

    async def wait(self, turn: Turn, asked: int) -> None:
        """See :class:`~cognigy_context.service.stores.Store`."""
        session = self._sessions.get(turn.session)
        if session is not None:
            await session.moved.wait()

    async def renew(self, turn: Turn) -> bool:
        """See :class:`~cognigy_context.service.stores.Store`."""
        session = self._sessions.get(turn.session)
        return session is not None and session.holder == turn.token

    async def finish(self, turn: Turn, outcome: Outcome) -> None:
        """See :class:`~cognigy_context.service.stores.Store`."""
        now = time.time()
        session = self._session(turn.session, now)
        if turn.event is not None:
            self._mark(session, turn.event.mark, DONE, now)
        if outcome.context is not None:
            session.context = outcome.context
            session.context_end = now + self._settings.session_ttl
        session.audit.append(outcome.audit)
        self._leave(session, turn.token)

    async def release(self, turn: Turn, after: float = 0.0) -> None:
        """See :class:`~cognigy_context.service.stores.Store`."""
        session = self._sessions.get(turn.session)
        if session is None:
            return
        if after > 0 and session.holder == turn.token:
            loop = asyncio.get_running_loop()
            loop.call_later(after, self._leave, session, turn.token)
        else:
            self._leave(session, turn.token)

    async def inspect(self, session: str) -> Kept:
        """See :class:`~cognigy_context.service.stores.Store`."""
        now = time.time()
        found = self._sessions.get(session)
        if found is None or (found.end <= now and not found.is_used):
            return Kept()
        variables = found.variables if now < found.variables_end else None
        context = found.context if now < found.context_end else None
        return Kept(
            variables=variables,
            variables_end=None if variables is None else found.variables_end,
            context=context,
            context_end=None if context is None else found.context_end,
            audit=tuple(found.audit),
        )

    async def reserve(self, latest: float) -> float:
        """Nothing is shared with others here: the client's own limit is enough."""
        return 0.0

    async def ping(self) -> None:
        """It is always there."""

    async def close(self) -> None:
        """There is nothing to let go of."""

    def _session(self, name: str, now: float) -> _Session:
        session = self._sessions.get(name)
        if session is not None and session.end <= now and not session.is_used:
            session = None
        if session is None:
            self._make_room(now)
            session = self._sessions[name] = _Session(end=now)
        session.end = now + max(self._settings.session_ttl, self._settings.event_ttl)
        self._sessions.move_to_end(name)
        return session

    def _make_room(self, now: float) -> None:
        """Forgets what is over, and beyond the limit what was not used for longest."""
        for name in list(self._oldest(2)):
            session = self._sessions[name]
            is_over = session.end <= now
            is_full = len(self._sessions) >= self._settings.max_sessions
            if not session.is_used and (is_over or is_full):
                del self._sessions[name]

    def _oldest(self, count: int) -> list[str]:
        return [name for name, _ in zip(self._sessions, range(count))]

    def _mark(self, session: _Session, mark: str, state: str, now: float) -> None:
        session.marks[mark] = (state, now + self._settings.event_ttl)
        session.marks.move_to_end(mark)
        while len(session.marks) > _MARKS_KEPT:
            session.marks.popitem(last=False)

    @staticmethod
    def _leave(session: _Session, token: str) -> None:
        if session.holder == token:
            session.holder = None
        if token in session.queue:
            session.queue.remove(token)
        moved, session.moved = session.moved, asyncio.Event()
        moved.set()
