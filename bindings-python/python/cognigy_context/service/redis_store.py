"""The store that workers and machines share.

Of a session, in one slot of a cluster (the tag is ``session:<hash>``, which is also the key of the
variables):

==============================  ======  =====================================================
``session:<hash>``              string  the variables of the newest event, as JSON
``{session:<hash>}:order``      hash    the newest event's place
``{session:<hash>}:event:<h>``  string  of an event its arrival number, or ``done``
``{session:<hash>}:lease``      string  who has the session
``{session:<hash>}:queue``      zset    who waits for it, in order
``{session:<hash>}:alive``      zset    until when each of them is taken to wait
``{session:<hash>}:context``    string  the context document, as it was last written
``{session:<hash>}:audit``      list    what was done last, as JSON
==============================  ======  =====================================================

All of them end by themselves. Each step is one script, so that it happens whole or not at all, and
again with the same outcome when the connection broke before its answer.
"""

import random
import time
from collections.abc import Awaitable
from typing import Any, TypeVar

import anyio
from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    ConnectionError as RedisConnectionError,
)
from redis.exceptions import (
    RedisError,
)
from redis.exceptions import (
    TimeoutError as RedisTimeoutError,
)

from cognigy_context import ConfigurationError

from .ordering import BEGIN, Verdict
from .settings import Settings
from .stores import (
    AUDIT_KEPT,
    Kept,
    Outcome,
    StoreTimeout,
    StoreUnreachable,
    Turn,
)

__all__ = ["RedisStore"]

_T = TypeVar("_T")

# Who waits asks again after the first of these, then after the second, and so on.
_WAITS = (0.004, 0.008, 0.016, 0.032)

# KEYS: lease. ARGV: token, lease ms
_RENEW = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""

# KEYS: lease, audit, context, mark
# ARGV: token, session ttl ms, event ttl ms, audit, context, whether there is an event, audit kept
_FINISH = """
if ARGV[6] == '1' then redis.call('SET', KEYS[4], 'done', 'PX', ARGV[3]) end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
if ARGV[5] ~= '' then redis.call('SET', KEYS[3], ARGV[5], 'PX', ARGV[2]) end
redis.call('RPUSH', KEYS[2], ARGV[4])
redis.call('LTRIM', KEYS[2], -tonumber(ARGV[7]), -1)
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return 1
"""

# KEYS: lease, queue, alive. ARGV: token, ms to keep it
_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('ZREM', KEYS[3], ARGV[1])
"""

# The times of the last calls and of those that have a turn: as many as a window may hold.
# KEYS: times. ARGV: requests, window ms, latest ms, member
_RESERVE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local most = tonumber(ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
local turn = now
if redis.call('ZCARD', KEYS[1]) >= most then
  turn = math.max(now, redis.call('ZRANGE', KEYS[1], -most, -most, 'WITHSCORES')[2] + ARGV[2])
end
if turn - now <= tonumber(ARGV[3]) then
  redis.call('ZADD', KEYS[1], turn, ARGV[4])
  redis.call('PEXPIRE', KEYS[1], turn - now + ARGV[2])
end
return turn - now
"""


class RedisStore:
    """Keeps sessions in Redis, or in anything that speaks as it does.

    Args:
        settings: Where it is, how long it may take, and how long things are kept.
        tenant: What the shared rate is counted under: a name of the tenant without secrets.

    Raises:
        ConfigurationError: The URL cannot be one of Redis.
    """

    def __init__(self, settings: Settings, tenant: str) -> None:
        self._settings = settings
        self._rate_key = f"cognigy-context:rate:{tenant}"
        self._redis = _connect(settings)
        register = self._redis.register_script
        self._begin, self._renew = register(BEGIN), register(_RENEW)
        self._finish, self._release = register(_FINISH), register(_RELEASE)
        self._reserve = register(_RESERVE)
        self._lease = _ms(settings.lease_seconds)
        self._session_ttl = _ms(settings.session_ttl)
        self._event_ttl = _ms(settings.event_ttl)

    async def begin(self, turn: Turn) -> Verdict:
        """See :class:`~cognigy_context.service.stores.Store`."""
        event = turn.event
        at, variables = ("", "") if event is None else (event.at, event.variables)
        keys = [
            f"session:{turn.session}",
            *_keys(turn, "order", "lease", "queue", "alive"),
            _mark(turn),
        ]
        # Who has not asked for as long as a lease lives is taken for dead in the same way.
        times = [self._lease, self._lease, self._session_ttl, self._event_ttl]
        verdict = await self._ask(
            self._begin(keys, [turn.token, *times, at, variables])
        )
        return Verdict(_text(verdict))

    async def wait(self, turn: Turn, asked: int) -> None:
        """See :class:`~cognigy_context.service.stores.Store`."""
        most = _WAITS[min(asked, len(_WAITS) - 1)]
        await anyio.sleep(most * random.uniform(0.5, 1.0))

    async def renew(self, turn: Turn) -> bool:
        """See :class:`~cognigy_context.service.stores.Store`."""
        keys = _keys(turn, "lease")
        return bool(await self._ask(self._renew(keys, [turn.token, self._lease])))

    async def finish(self, turn: Turn, outcome: Outcome) -> None:
        """See :class:`~cognigy_context.service.stores.Store`."""
        values = [
            turn.token,
            self._session_ttl,
            self._event_ttl,
            outcome.audit,
            outcome.context or "",
            "0" if turn.event is None else "1",
            AUDIT_KEPT,
        ]
        keys = [*_keys(turn, "lease", "audit", "context"), _mark(turn)]
        await self._ask(self._finish(keys, values))

    async def release(self, turn: Turn, after: float = 0.0) -> None:
        """See :class:`~cognigy_context.service.stores.Store`."""
        keys = _keys(turn, "lease", "queue", "alive")
        # An expiry of 0 deletes at once.
        await self._ask(self._release(keys, [turn.token, round(after * 1000)]))

    async def inspect(self, session: str) -> Kept:
        """See :class:`~cognigy_context.service.stores.Store`."""
        variables, context = f"session:{session}", f"{{session:{session}}}:context"
        pipe = self._redis.pipeline(transaction=False)
        pipe.get(variables).pttl(variables).get(context).pttl(context)
        pipe.lrange(f"{{session:{session}}}:audit", 0, -1)
        found = await self._ask(pipe.execute())
        now = time.time()
        return Kept(
            variables=_optional(found[0]),
            variables_end=_end(now, found[1]),
            context=_optional(found[2]),
            context_end=_end(now, found[3]),
            audit=tuple(_text(entry) for entry in found[4]),
        )

    async def reserve(self, latest: float) -> float:
        """See :class:`~cognigy_context.service.stores.Store`."""
        limits = self._settings.limits()
        if limits is None:
            return 0.0
        requests, seconds = limits
        member = f"{random.getrandbits(64):016x}"
        values = [requests, _ms(seconds), _ms(latest), member]
        wait = await self._ask(self._reserve([self._rate_key], values))
        return int(wait) / 1000

    async def ping(self) -> None:
        """See :class:`~cognigy_context.service.stores.Store`."""
        await self._ask(self._redis.ping())

    async def close(self) -> None:
        """See :class:`~cognigy_context.service.stores.Store`."""
        await self._redis.aclose()

    async def _ask(self, question: Awaitable[_T]) -> _T:
        try:
            with anyio.fail_after(self._settings.store_timeout):
                return await question
        except (TimeoutError, RedisTimeoutError):
            raise StoreTimeout from None
        # Its words may repeat a key or the URL, so that they are not passed on.
        except (RedisError, OSError) as error:
            raise StoreUnreachable(type(error).__name__) from None


def _connect(settings: Settings) -> Any:
    """A client of what the URL names."""
    url = settings.redis_url or ""
    # A connection that was idle may have been closed meanwhile: one more try, at once.
    again = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
    options: dict[str, Any] = {
        "socket_timeout": settings.store_timeout,
        "socket_connect_timeout": settings.store_timeout,
    }
    try:
        if settings.redis_cluster:
            return RedisCluster.from_url(url, **options)
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=settings.redis_connections,
            timeout=settings.store_timeout,
            retry=again,
            **options,
        )
    except ValueError:
        raise ConfigurationError(
            "redis_url cannot be read: look at its options"
        ) from None
    return Redis(connection_pool=pool)


def _keys(turn: Turn, *names: str) -> list[str]:
    return [f"{{session:{turn.session}}}:{name}" for name in names]


def _mark(turn: Turn) -> str:
    """The key of the event's mark. Scripts get all keys, so that there is one without an event."""
    name = "none" if turn.event is None else turn.event.mark
    return f"{{session:{turn.session}}}:event:{name}"


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _text(given: bytes | str) -> str:
    return given.decode() if isinstance(given, bytes) else given


def _optional(given: bytes | str | None) -> str | None:
    return None if given is None else _text(given)


def _end(now: float, ttl_ms: int) -> float | None:
    return now + ttl_ms / 1000 if ttl_ms > 0 else None
