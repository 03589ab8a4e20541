#!lua flags=allow-oom
-- KEYS: due, puts. ARGV: corp ID, puts as last seen, next due in ms (-1: not at all).
-- Put a tenant to rest until then, unless something was put meanwhile.
if (redis.call('HGET', KEYS[2], ARGV[1]) or '0') ~= ARGV[2] then
  return 0
end
local due = tonumber(ARGV[3])
local t = redis.call('TIME')
if due < 0 then
  redis.call('ZREM', KEYS[1], ARGV[1])
elseif due > t[1] * 1000 + t[2] / 1000 then
  redis.call('ZADD', KEYS[1], due, ARGV[1])
end
-- a tenant with more to do now keeps the place that next_tenant gave it, behind those who wait longer
return 1
