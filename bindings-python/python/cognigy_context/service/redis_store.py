"""The session store in Redis, which workers and machines share.

The keys of one session are in one slot of a cluster (the hash tag is ``session:<hash>``, which is also
the key of the variables):

==============================  ======  =====================================================
``session:<hash>``              string  the variables of the event that was stored last, as JSON
``{session:<hash>}:order``      hash    the position of the newest event, and the last arrival number
``{session:<hash>}:event:<h>``  string  the state of a delivery: its arrival number, or ``done``
``{session:<hash>}:lease``      string  the token of the request that has the lease
``{session:<hash>}:queue``      zset    the tokens of the waiting requests, in order
``{session:<hash>}:alive``      zset    when the place of each waiting request expires
``{session:<hash>}:context``    string  the context document, as last written
``{session:<hash>}:audit``      list    the newest audit entries, as JSON
==============================  ======  =====================================================

All keys expire. Each change is one script, which is atomic. A script is idempotent, because it is
repeated when the connection breaks before the response. Data under these keys that the service cannot
have written counts as absent: it is logged, and removed or overwritten.
"""

import logging
import random
import time
from collections.abc import Awaitable
from importlib.resources import files
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
    ResponseError,
)
from redis.exceptions import (
    TimeoutError as RedisTimeoutError,
)

from cognigy_context import ConfigurationError

from .ordering import Admission
from .settings import Settings
from .store import (
    MAX_AUDIT_ENTRIES,
    LeaseRequest,
    Outcome,
    SessionSnapshot,
    StoreTimeout,
    StoreUnreachable,
)

__all__ = ["RedisStore"]

_T = TypeVar("_T")

_log = logging.getLogger("cognigy_context.service")

# Seconds after which the key of a readiness check expires.
_PROBE_SECONDS = 10

# Seconds to wait before the next attempt; the last interval repeats.
_POLL_INTERVALS = (0.004, 0.008, 0.016, 0.032)


def _read_script(name: str) -> str:
    return files("cognigy_context.service").joinpath(name).read_text("utf-8")


_BEGIN_SCRIPT = _read_script("begin.lua")
_FINISH_SCRIPT = _read_script("finish.lua")

# KEYS: lease. ARGV: token, lease ms
_RENEW_SCRIPT = """
if not has_type(1, 'lease', 'string') or redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return result(0)
end
return result(redis.call('PEXPIRE', KEYS[1], ARGV[2]))
"""

# KEYS: lease, queue, alive. ARGV: token, hold after ms
_RELEASE_SCRIPT = """
if has_type(1, 'lease', 'string') and redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
if has_type(2, 'queue', 'zset') then redis.call('ZREM', KEYS[2], ARGV[1]) end
if has_type(3, 'alive', 'zset') then redis.call('ZREM', KEYS[3], ARGV[1]) end
return result(1)
"""

# A sliding window: the set contains the times of the calls in the last window, and of reserved calls.
# KEYS: times. ARGV: requests, window ms, max wait ms, member, budget ms
_RESERVE_SCRIPT = """
has_type(1, 'rate', 'zset')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local max_requests = tonumber(ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
-- No call waits longer than the time budget of a request.
remove_far_times(1, 'rate', now, math.max(ARGV[2], ARGV[5]))
local at = now
if redis.call('ZCARD', KEYS[1]) >= max_requests then
  local oldest = redis.call('ZRANGE', KEYS[1], -max_requests, -max_requests, 'WITHSCORES')[2]
  at = math.max(now, oldest + ARGV[2])
end
if at - now <= tonumber(ARGV[3]) then
  redis.call('ZADD', KEYS[1], at, ARGV[4])
  redis.call('PEXPIRE', KEYS[1], at - now + ARGV[2])
end
return result(at - now)
"""


class RedisStore:
    """Stores sessions in Redis, or in a server that is compatible with it.

    Args:
        settings: The URL, the timeouts and the time-to-live values.
        tenant: The key of the tenant, under which all workers share the rate limit. It contains no
            secret.

    Raises:
        ConfigurationError: ``redis_url`` has an invalid option.
    """

    def __init__(self, settings: Settings, tenant: str) -> None:
        self._settings = settings
        self._rate_key = f"cognigy-context:rate:{tenant}"
        self._probe_key = f"cognigy-context:probe:{tenant}"
        self._redis = _connect(settings)
        start = _read_script("keys.lua")

        def register(script: str) -> Any:
            return self._redis.register_script(start + script)

        self._begin = register(_BEGIN_SCRIPT)
        self._renew = register(_RENEW_SCRIPT)
        self._finish = register(_FINISH_SCRIPT)
        self._release = register(_RELEASE_SCRIPT)
        self._reserve = register(_RESERVE_SCRIPT)
        self._lease_ms = _milliseconds(settings.lease_seconds)
        self._session_ttl_ms = _milliseconds(settings.session_ttl)
        self._event_ttl_ms = _milliseconds(settings.dedup_ttl)

    async def begin(self, request: LeaseRequest) -> Admission:
        """See :class:`~cognigy_context.service.store.Store`."""
        event = request.event
        sort_key, variables = "", ""
        if event is not None:
            sort_key, variables = event.sort_key, event.variables
        keys = [
            f"session:{request.session}",
            *_keys(request, "order", "lease", "queue", "alive"),
            _event_key(request),
        ]
        # A place in the queue expires after the same time as a lease.
        alive_ms = self._lease_ms
        durations = [self._lease_ms, alive_ms, self._session_ttl_ms, self._event_ttl_ms]
        has_dedup_key = _flag(request.dedup_key is not None)
        arguments = [request.token, *durations, has_dedup_key, sort_key, variables]
        return Admission(_text(await self._run(self._begin, keys, arguments)))

    async def wait(self, request: LeaseRequest, attempts: int) -> None:
        """See :class:`~cognigy_context.service.store.Store`."""
        interval = _POLL_INTERVALS[min(attempts, len(_POLL_INTERVALS) - 1)]
        await anyio.sleep(interval * random.uniform(0.5, 1.0))

    async def renew(self, request: LeaseRequest) -> bool:
        """See :class:`~cognigy_context.service.store.Store`."""
        keys = _keys(request, "lease")
        arguments = [request.token, self._lease_ms]
        return bool(await self._run(self._renew, keys, arguments))

    async def finish(self, request: LeaseRequest, outcome: Outcome) -> None:
        """See :class:`~cognigy_context.service.store.Store`."""
        arguments = [
            request.token,
            self._session_ttl_ms,
            self._event_ttl_ms,
            outcome.audit,
            outcome.context or "",
            _flag(request.dedup_key is not None),
            "" if request.event is None else request.event.sort_key,
            MAX_AUDIT_ENTRIES,
        ]
        keys = [
            *_keys(request, "lease", "audit", "context"),
            _event_key(request),
            *_keys(request, "order"),
        ]
        await self._run(self._finish, keys, arguments)

    async def release(self, request: LeaseRequest, hold_after: float = 0.0) -> None:
        """See :class:`~cognigy_context.service.store.Store`."""
        keys = _keys(request, "lease", "queue", "alive")
        # PEXPIRE with 0 deletes the key.
        arguments = [request.token, round(hold_after * 1000)]
        await self._run(self._release, keys, arguments)

    async def inspect(self, session: str) -> SessionSnapshot:
        """See :class:`~cognigy_context.service.store.Store`."""
        variables, context = f"session:{session}", f"{{session:{session}}}:context"
        pipe = self._redis.pipeline(transaction=False)
        pipe.get(variables).pttl(variables).get(context).pttl(context)
        pipe.lrange(f"{{session:{session}}}:audit", 0, -1)
        replies = await self._call(pipe.execute(raise_on_error=False))
        for reply in replies:
            # A key of another type is absent, as a script would treat it. Any other error is one of Redis.
            if isinstance(reply, Exception) and not _is_wrong_type(reply):
                raise StoreUnreachable(type(reply).__name__)
        if any(isinstance(reply, Exception) for reply in replies):
            _log_corrupt_data("a key of another type")
        now = time.time()
        audit = [] if isinstance(replies[4], Exception) else replies[4]
        return SessionSnapshot(
            variables=_optional_text(replies[0]),
            variables_expiry=_expiry(now, replies[1]),
            context=_optional_text(replies[2]),
            context_expiry=_expiry(now, replies[3]),
            audit=tuple(text for entry in audit if (text := _optional_text(entry))),
        )

    async def reserve(self, max_wait: float) -> float:
        """See :class:`~cognigy_context.service.store.Store`."""
        limits = self._settings.limits()
        if limits is None:
            return 0.0
        requests, window_seconds = limits
        member = f"{random.getrandbits(64):016x}"
        window_ms, max_wait_ms = _milliseconds(window_seconds), _milliseconds(max_wait)
        budget_ms = _milliseconds(self._settings.budget_seconds)
        arguments = [requests, window_ms, max_wait_ms, member, budget_ms]
        wait_ms = await self._run(self._reserve, [self._rate_key], arguments)
        return int(wait_ms) / 1000

    async def ping(self) -> None:
        """See :class:`~cognigy_context.service.store.Store`."""
        # A server without memory, a replica, or one whose disk is full responds to PING as usual.
        write = self._redis.set(self._probe_key, "1", ex=_PROBE_SECONDS)
        await self._call(write)

    async def close(self) -> None:
        """See :class:`~cognigy_context.service.store.Store`."""
        await self._redis.aclose()

    async def _run(self, script: Any, keys: list[str], arguments: list[Any]) -> Any:
        """Runs a script. Returns its result, and logs the data that it removed."""
        value, removed = await self._call(script(keys, arguments))
        if removed:
            _log_corrupt_data(_text(removed))
        return value

    async def _call(self, command: Awaitable[_T]) -> _T:
        try:
            with anyio.fail_after(self._settings.store_timeout):
                return await command
        except (TimeoutError, RedisTimeoutError):
            raise StoreTimeout from None
        # Only the class name: the message may contain a key or the URL.
        except (RedisError, OSError) as error:
            raise StoreUnreachable(type(error).__name__) from None


def _connect(settings: Settings) -> Any:
    """Returns a client for ``redis_url``."""
    url = settings.redis_url or ""
    # The server may have closed an idle connection: retry once, without a wait.
    retry = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
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
            retry=retry,
            **options,
        )
    except ValueError:
        raise ConfigurationError(
            "redis_url: the URL has an invalid part. Check its port, database number and options."
        ) from None
    return Redis(connection_pool=pool)


def _keys(request: LeaseRequest, *names: str) -> list[str]:
    return [f"{{session:{request.session}}}:{name}" for name in names]


def _event_key(request: LeaseRequest) -> str:
    """Returns the key of the delivery's state. A script gets all its keys, so a request without a
    deduplication key has one too."""
    name = request.dedup_key or "none"
    return f"{{session:{request.session}}}:event:{name}"


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _optional_text(value: object) -> str | None:
    """Returns a stored text; None without one, and for a value that is no text."""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            _log_corrupt_data("text that is not UTF-8")
            return None
    return value if isinstance(value, str) else None


def _expiry(now: float, ttl_ms: object) -> float | None:
    return now + ttl_ms / 1000 if isinstance(ttl_ms, int) and ttl_ms > 0 else None


def _flag(value: bool) -> str:
    return "1" if value else "0"


def _is_wrong_type(error: Exception) -> bool:
    return isinstance(error, ResponseError) and str(error).startswith("WRONGTYPE")


def _log_corrupt_data(what: str) -> None:
    _log.warning("the store contained corrupt data, which is ignored: %s", what)
