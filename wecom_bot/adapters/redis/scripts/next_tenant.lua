-- KEYS: due, puts. Answers {corp ID, puts} of the tenant that waited longest, or {ms until one is due} (-1: none).
local t = redis.call('TIME')
local now = t[1] * 1000 + t[2] / 1000 -- to the microsecond: tenants served within one millisecond keep their order
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if not first[1] then
  return {-1}
end
if tonumber(first[2]) > now then
  return {math.ceil(tonumber(first[2]) - now)}
end
redis.call('ZADD', KEYS[1], now, first[1])
return {first[1], redis.call('HGET', KEYS[2], first[1]) or '0'}
