#!lua flags=allow-oom
-- KEYS: due, puts, wake, served (one slot for all tenants). ARGV: corp ID, when in ms (0 = now), most waiting wakes, and
-- for how many sleepers there is work (1 unless told).
-- A hint only: it may be lost and is rebuilt by the sweep.
local t = redis.call('TIME')
-- What is due now has the place of when its tenant was last served: who was quiet is ahead of a crowd that is served
-- all the time, and nobody is ahead twice in a row.
local at, now = tonumber(ARGV[2]), t[1] * 1000 + t[2] / 1000
if at <= now then
  at = math.min(now, tonumber(redis.call('HGET', KEYS[4], ARGV[1]) or '0')) -- a clock may have been set back
end
redis.call('HINCRBY', KEYS[2], ARGV[1], 1)
redis.call('ZADD', KEYS[1], 'LT', at, ARGV[1])
for _ = 1, math.min(tonumber(ARGV[4] or '1'), tonumber(ARGV[3])) do
  redis.call('LPUSH', KEYS[3], '1')
end
redis.call('LTRIM', KEYS[3], 0, ARGV[3] - 1)
return 1
