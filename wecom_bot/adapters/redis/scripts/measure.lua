#!lua flags=no-writes
-- KEYS[1] routes to the tenant's slot. ARGV: prefix.
-- Answers {jobs, records, dead letters, ms for which the oldest job that is due has waited}.
-- Its own text whole, not the prologue's: it is sent along with every tenant.
local T = ARGV[1]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local due = now
for _, name in ipairs({'urgent', 'ready', 'leased'}) do
  local first = redis.call('ZRANGE', T .. name, 0, 0, 'WITHSCORES')
  due = math.min(due, tonumber(first[2]) or now)
end
local jobs = tonumber(redis.call('GET', T .. 'waiting')) or 0
return {jobs, redis.call('LLEN', T .. 'outbox'), redis.call('ZCARD', T .. 'dead_order'), math.floor(now - due)}
