-- Which tenants have work: a hint that all workers share, in a slot of its own. It may be lost and is rebuilt by the
-- sweep. KEYS: due, puts, wake, served; behind the tenant's own key in a tenant's script, and there only where one server
-- holds all slots: in a cluster DUE is nil, and who calls the script tells the other slot.
local K = #KEYS == 4 and 0 or 1
local DUE, PUTS, WAKE, SERVED = KEYS[K + 1], KEYS[K + 2], KEYS[K + 3], KEYS[K + 4]
local MOST_WAKES = 256 -- no more sleepers than that are worth waking
local NAP = 1000 -- ms that a worker sleeps at most: what is due later than that wakes nobody

local function this_moment() -- to the microsecond: tenants served within one millisecond keep their order
  local t = redis.call('TIME')
  return t[1] * 1000 + t[2] / 1000
end

-- Note that a tenant has work that is due at `at` (ms, 0 for now). What is due now has the place of when its tenant was
-- last served: who was quiet is ahead of a crowd that is served all the time, and nobody is ahead twice in a row.
local function note_work(corp_id, at)
  local now = this_moment()
  if at <= now then
    at = math.min(now, tonumber(redis.call('HGET', SERVED, corp_id) or '0')) -- a clock may have been set back
  end
  redis.call('HINCRBY', PUTS, corp_id, 1)
  redis.call('ZADD', DUE, 'LT', at, corp_id)
end

local function wake_one()
  redis.call('LPUSH', WAKE, '1')
  redis.call('LTRIM', WAKE, 0, MOST_WAKES - 1)
end

-- {corp ID, puts} of the tenant that waited longest, who has the last place from now on; or {ms until one is due} (-1:
-- none). Those in the set `without`, of that many, are passed over; with `look` nothing changes.
local function next_tenant(without, many, look)
  local now = this_moment()
  local first = redis.call('ZRANGE', DUE, 0, many, 'WITHSCORES') -- one more than may be passed over
  for i = 1, #first, 2 do
    local corp_id, due = first[i], tonumber(first[i + 1])
    if not without[corp_id] then
      if due > now then
        return {math.ceil(due - now)}
      elseif look then
        return {0}
      end
      redis.call('ZADD', DUE, now, corp_id)
      redis.call('HSET', SERVED, corp_id, now)
      return {corp_id, redis.call('HGET', PUTS, corp_id) or '0'}
    end
  end
  return {-1}
end

-- Put a tenant to rest until `due` (ms, -1: for good), unless something was put since its count of puts was `puts`.
-- A tenant with more to do now keeps the place that next_tenant gave it, behind those who wait longer.
local function rest(corp_id, puts, due)
  if (redis.call('HGET', PUTS, corp_id) or '0') ~= puts then
    return
  end
  if due < 0 then
    redis.call('ZREM', DUE, corp_id)
  elseif due > this_moment() then
    redis.call('ZADD', DUE, due, corp_id)
  end
end

-- As a set, and how many: ARGV from `first` to `last`.
local function passed_over(first, last)
  local without = {}
  for i = first, last do
    without[ARGV[i]] = true
  end
  return without, math.max(0, last - first + 1)
end
