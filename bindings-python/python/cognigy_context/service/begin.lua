-- In one atomic step: decides whether the event of a request has an effect, as `decide_admission` in
-- ordering.py does; if so, or without an event, grants the request the lease or queues it.
--
-- KEYS: variables, order, lease, queue, alive, event
-- ARGV: token, lease ms, alive ms, session ttl ms, event ttl ms, sort key ('' without an event),
--       variables
-- Returns a value of `Admission`.
--
-- While another request has the lease, this one waits in the queue and calls the script again. The place
-- of a request that has not called for `alive ms` is removed, so that a dead worker does not block the
-- requests behind it.
local token, sort_key = ARGV[1], ARGV[6]
local state, newest = false, {false, false}
if sort_key ~= '' then
  state = redis.call('GET', KEYS[6])
  newest = redis.call('HMGET', KEYS[2], 'at', 'number')
  local admission
  if state == 'done' then
    admission = 'duplicate'
  elseif newest[1] then
    local number = tonumber(state or newest[2])
    if sort_key < newest[1] or (sort_key == newest[1] and number < tonumber(newest[2])) then
      admission = 'superseded'
    end
  end
  if admission then
    redis.call('ZREM', KEYS[4], token)
    redis.call('ZREM', KEYS[5], token)
    return admission
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
if sort_key ~= '' then
  local number = state or (newest[2] or 0) + 1
  redis.call('SET', KEYS[6], number, 'PX', ARGV[5])
  redis.call('HSET', KEYS[2], 'at', sort_key, 'number', number)
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
  redis.call('SET', KEYS[1], ARGV[7], 'PX', ARGV[4])
end
return 'admitted'
