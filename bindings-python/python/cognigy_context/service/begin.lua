-- In one atomic step: decides whether the delivery of a request has an effect, as `decide_admission` in
-- ordering.py does; if so, grants the request the lease or queues it. Starts with keys.lua.
--
-- KEYS: variables, order, lease, queue, alive, event
-- ARGV: token, lease ms, alive ms, session ttl ms, event ttl ms, '1' with a deduplication key,
--       sort key ('' without an event), variables
-- Returns a value of `Admission`.
--
-- While another request has the lease, this one waits in the queue and calls the script again. The place
-- of a request that has not called for `alive ms` is removed, so that a dead worker does not block the
-- requests behind it.
local token, has_dedup_key, sort_key = ARGV[1], ARGV[6] == '1', ARGV[7]
has_type(3, 'lease', 'string')
has_type(4, 'queue', 'zset')
has_type(5, 'alive', 'zset')
local admission, arrival, last
local state = has_dedup_key and read_state(6)
if state == 'done' then
  admission = 'duplicate'
elseif sort_key ~= '' then
  local at, number
  at, number, last = read_order(2)
  arrival = tonumber(state or last + 1)
  if at and (sort_key < at or (sort_key == at and arrival < number)) then admission = 'older' end
end
if admission then
  redis.call('ZREM', KEYS[4], token)
  redis.call('ZREM', KEYS[5], token)
  return result(admission)
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local holder = redis.call('GET', KEYS[3])
if holder ~= token then
  -- Every lease expires soon. One that does not was not written by this service.
  local ttl = redis.call('PTTL', KEYS[3])
  if holder and (ttl == -1 or ttl > ARGV[2] * max_ratio) then
    remove(3, 'lease')
    holder = false
  end
  remove_far_times(5, 'alive', now, ARGV[3])
  for _, dead in ipairs(redis.call('ZRANGEBYSCORE', KEYS[5], '-inf', now)) do
    redis.call('ZREM', KEYS[4], dead)
    redis.call('ZREM', KEYS[5], dead)
  end
  local first = redis.call('ZRANGE', KEYS[4], 0, 0)[1]
  while first and first ~= token and not redis.call('ZSCORE', KEYS[5], first) do
    redis.call('ZREM', KEYS[4], first)
    first = redis.call('ZRANGE', KEYS[4], 0, 0)[1]
  end
  if holder or (first and first ~= token) then
    if not redis.call('ZSCORE', KEYS[4], token) then
      local last_place = redis.call('ZRANGE', KEYS[4], -1, -1, 'WITHSCORES')[2]
      redis.call('ZADD', KEYS[4], (last_place or 0) + 1, token)
    end
    redis.call('ZADD', KEYS[5], now + ARGV[3], token)
    redis.call('PEXPIRE', KEYS[4], ARGV[3] * 2)
    redis.call('PEXPIRE', KEYS[5], ARGV[3] * 2)
    return result('busy')
  end
end

-- First, because Redis refuses to exceed its memory limit only in the first write of a script.
redis.call('SET', KEYS[3], token, 'PX', ARGV[2])
redis.call('ZREM', KEYS[4], token)
redis.call('ZREM', KEYS[5], token)
if sort_key ~= '' then
  redis.call('SET', KEYS[6], string.format('%.0f', arrival), 'PX', ARGV[5])
  redis.call('HSET', KEYS[2], 'last', string.format('%.0f', math.max(last, arrival)))
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
  redis.call('SET', KEYS[1], ARGV[8], 'PX', ARGV[4])
end
return result('admitted')
