#!lua flags=allow-oom
-- KEYS: due, puts, wake (one slot for all tenants). ARGV: corp ID, when in ms (0 = now), most waiting wakes.
-- A hint only: it may be lost and is rebuilt by the sweep.
local t = redis.call('TIME')
-- never in the past: the past would be ahead of tenants who wait longer
local at = math.max(tonumber(ARGV[2]), t[1] * 1000 + t[2] / 1000)
redis.call('HINCRBY', KEYS[2], ARGV[1], 1)
redis.call('ZADD', KEYS[1], 'LT', at, ARGV[1])
redis.call('LPUSH', KEYS[3], '1')
redis.call('LTRIM', KEYS[3], 0, ARGV[3] - 1)
return 1
