-- Marks the delivery as done, moves the position of the newest event, stores the outcome and releases the
-- lease. A request that has lost its lease stores no outcome. Starts with keys.lua.
--
-- KEYS: lease, audit, context, event, order
-- ARGV: token, session ttl ms, event ttl ms, audit entry, context, '1' with a deduplication key,
--       sort key ('' without an event), max audit entries
local has_dedup_key, sort_key = ARGV[6] == '1', ARGV[7]
if has_dedup_key then
  local state = read_state(4)
  if sort_key ~= '' and state ~= 'done' then
    local at, number, last = read_order(5)
    local arrival = tonumber(state or last + 1)
    if not at or sort_key > at or (sort_key == at and arrival > number) then
      redis.call('HSET', KEYS[5], 'at', sort_key, 'number', string.format('%.0f', arrival),
        'last', string.format('%.0f', math.max(last, arrival)))
    end
    redis.call('PEXPIRE', KEYS[5], ARGV[2])
  end
  redis.call('SET', KEYS[4], 'done', 'PX', ARGV[3])
end
if not has_type(1, 'lease', 'string') or redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return result(0)
end
redis.call('DEL', KEYS[1])
if ARGV[5] ~= '' then redis.call('SET', KEYS[3], ARGV[5], 'PX', ARGV[2]) end
has_type(2, 'audit', 'list')
redis.call('RPUSH', KEYS[2], ARGV[4])
redis.call('LTRIM', KEYS[2], -tonumber(ARGV[8]), -1)
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return result(1)
