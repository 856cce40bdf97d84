-- The start of every script: functions that check the data under the keys of the service. Data that the
-- service cannot have written (another program, a repaired dump) counts as absent and is removed; each
-- script returns its result and the names of the removed keys.
local removed = {}

local function remove(index, name)
  redis.call('DEL', KEYS[index])
  removed[#removed + 1] = name
end

-- Removes a key of another type. Returns whether the key exists with this type.
local function has_type(index, name, expected)
  local found = redis.call('TYPE', KEYS[index]).ok
  if found ~= expected and found ~= 'none' then remove(index, name) end
  return found == expected
end

-- A worker with other settings may have written a longer time than this one would. A time is corrupt when it
-- is longer than this multiple.
local max_ratio = 10

-- Removes the members of a set of times that are more than `ms * max_ratio` ahead.
local function remove_far_times(index, name, now, ms)
  local latest = string.format('(%.0f', now + ms * max_ratio)
  -- Counts first: a write that removes nothing would be the first one, to which alone Redis applies its
  -- memory limit.
  if redis.call('ZCOUNT', KEYS[index], latest, '+inf') == 0 then return end
  redis.call('ZREMRANGEBYSCORE', KEYS[index], latest, '+inf')
  removed[#removed + 1] = name
end

local function is_count(text)
  return text and #text <= 15 and string.match(text, '^%d+$') ~= nil
end

local function is_sort_key(text)
  return text and #text == 20 and string.match(text, '^%d+$') ~= nil
end

-- Returns the state of a delivery: its arrival number, 'done', or false.
local function read_state(index)
  if not has_type(index, 'event', 'string') then return false end
  local state = redis.call('GET', KEYS[index])
  if state == 'done' or is_count(state) then return state end
  remove(index, 'event')
  return false
end

-- Returns the sort key and the arrival number of the newest event, or false, and the last arrival number.
local function read_order(index)
  if not has_type(index, 'order', 'hash') then return false, false, 0 end
  local at, number, last = unpack(redis.call('HMGET', KEYS[index], 'at', 'number', 'last'))
  local is_position = (not at and not number) or (is_sort_key(at) and is_count(number))
  if not is_position or (last and not is_count(last)) then
    remove(index, 'order')
    return false, false, 0
  end
  number = tonumber(number)
  return at, number, math.max(tonumber(last or 0), number or 0)
end

local function result(value)
  return {value, table.concat(removed, ', ')}
end
