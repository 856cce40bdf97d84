"""In which order events of a session take effect, said twice: for a process, and for Redis.

An event's place is its timestamp, then its arrival among those of the same timestamp. What is
before the newest event that was stored changes nothing any more: all events set the same variables.
An event keeps its place however often it is delivered, so that a retry cannot overtake.

A place is taken before the injection, and the event is marked done after it. So a failed event can
be delivered again, a done one cannot, and neither can put itself over a newer one.
"""

from dataclasses import dataclass
from enum import Enum

__all__ = ["BEGIN", "DONE", "Newest", "Verdict", "place_of", "sort_text"]

# What stands in the place of the arrival number once an event is done.
DONE = "done"


class Verdict(Enum):
    """What is to be done with a request for a session."""

    GO = "go"
    """The session is yours: store, inject, finish."""
    BUSY = "busy"
    """Another one has the session, or is before you."""
    DUPLICATE = "duplicate"
    """The event is done already."""
    SUPERSEDED = "superseded"
    """A newer event was stored already."""


@dataclass(frozen=True)
class Newest:
    """The place of the newest event that a session has stored."""

    at: str
    number: int


def sort_text(timestamp: int) -> str:
    """A timestamp of 64 bits as text that sorts as the number does. Lua has no such integers."""
    return f"{timestamp + (1 << 63):020d}"


def place_of(
    mark: str | None, newest: Newest | None, at: str
) -> tuple[Verdict, Newest]:
    """Decides about an event.

    Args:
        mark: The event's mark: its arrival number, ``done``, or None for one not yet seen.
        newest: The place of the newest event of the session.
        at: The event's timestamp, as :func:`sort_text` gives it.

    Returns:
        tuple: What is to be done with it, and what is the newest place then.
    """
    if mark == DONE:
        return Verdict.DUPLICATE, newest or Newest(at, 0)
    if newest is not None:
        number = newest.number if mark is None else int(mark)
        if at < newest.at or (at == newest.at and number < newest.number):
            return Verdict.SUPERSEDED, newest
    before = 0 if newest is None else newest.number
    return Verdict.GO, Newest(at, before + 1 if mark is None else int(mark))


# The same decision, the queue and the lease in one step of Redis.
#
# KEYS: variables, order, lease, queue, alive, mark
# ARGV: token, lease ms, alive ms, session ttl ms, event ttl ms, at ("" without an event), variables
#
# Whoever finds the session taken gets a ticket (queue) and asks again; a ticket is forgotten when
# its owner has not asked for a while (alive), so that the dead do not hold up those behind them.
BEGIN = """
local token, at = ARGV[1], ARGV[6]
local mark, newest = false, {false, false}
if at ~= '' then
  mark = redis.call('GET', KEYS[6])
  newest = redis.call('HMGET', KEYS[2], 'at', 'number')
  local verdict
  if mark == 'done' then
    verdict = 'duplicate'
  elseif newest[1] then
    local number = tonumber(mark or newest[2])
    if at < newest[1] or (at == newest[1] and number < tonumber(newest[2])) then
      verdict = 'superseded'
    end
  end
  if verdict then
    redis.call('ZREM', KEYS[4], token)
    redis.call('ZREM', KEYS[5], token)
    return verdict
  end
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local holder = redis.call('GET', KEYS[3])
if holder ~= token then
  for _, dead in ipairs(redis.call('ZRANGEBYSCORE', KEYS[5], '-inf', now)) do
    redis.call('ZREM', KEYS[4], dead)
    redis.call('ZREM', KEYS[5], dead)
  end
  local first = redis.call('ZRANGE', KEYS[4], 0, 0)[1]
  if holder or (first and first ~= token) then
    if not redis.call('ZSCORE', KEYS[4], token) then
      local last = redis.call('ZRANGE', KEYS[4], -1, -1, 'WITHSCORES')[2]
      redis.call('ZADD', KEYS[4], (last or 0) + 1, token)
    end
    redis.call('ZADD', KEYS[5], now + ARGV[3], token)
    redis.call('PEXPIRE', KEYS[4], ARGV[3] * 2)
    redis.call('PEXPIRE', KEYS[5], ARGV[3] * 2)
    return 'busy'
  end
  redis.call('ZREM', KEYS[4], token)
  redis.call('ZREM', KEYS[5], token)
end

redis.call('SET', KEYS[3], token, 'PX', ARGV[2])
if at ~= '' then
  local number = mark or (newest[2] or 0) + 1
  redis.call('SET', KEYS[6], number, 'PX', ARGV[5])
  redis.call('HSET', KEYS[2], 'at', at, 'number', number)
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
  redis.call('SET', KEYS[1], ARGV[7], 'PX', ARGV[4])
end
return 'go'
"""
