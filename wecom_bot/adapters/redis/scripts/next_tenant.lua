#!lua flags=allow-oom
-- KEYS: due, puts, wake, served. ARGV: corp IDs to pass over.
-- Answers {corp ID, puts} of the tenant that waited longest, or {ms until one is due} (-1: none).
local without = {}
for _, corp_id in ipairs(ARGV) do
  without[corp_id] = true
end
local t = redis.call('TIME')
local now = t[1] * 1000 + t[2] / 1000 -- to the microsecond: tenants served within one millisecond keep their order
local first = redis.call('ZRANGE', KEYS[1], 0, #ARGV, 'WITHSCORES') -- one more than may be passed over
for i = 1, #first, 2 do
  local corp_id, due = first[i], tonumber(first[i + 1])
  if not without[corp_id] then
    if due > now then
      return {math.ceil(due - now)}
    end
    redis.call('ZADD', KEYS[1], now, corp_id)
    redis.call('HSET', KEYS[4], corp_id, now)
    return {corp_id, redis.call('HGET', KEYS[2], corp_id) or '0'}
  end
end
return {-1}
