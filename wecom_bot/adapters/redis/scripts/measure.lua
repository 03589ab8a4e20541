#!lua flags=no-writes
-- KEYS[1] routes to the tenant's slot. ARGV: prefix.
-- Answers {jobs, records, dead letters, ms for which the oldest job that is due has waited, next due (-1: not at all)}.
-- Its text is whole, without the prologue: it is sent along with every tenant.
local T = ARGV[1]
local t = redis.call('TIME')
local now, due = t[1] * 1000 + math.floor(t[2] / 1000), -1
for _, name in ipairs({'urgent', 'ready', 'leased'}) do
  local first = redis.call('ZRANGE', T .. name, 0, 0, 'WITHSCORES')
  if first[2] and (due < 0 or tonumber(first[2]) < due) then
    due = tonumber(first[2])
  end
end
local age = due >= 0 and math.max(0, math.floor(now - due)) or 0
local jobs = tonumber(redis.call('GET', T .. 'waiting')) or 0
return {jobs, redis.call('LLEN', T .. 'outbox'), redis.call('ZCARD', T .. 'dead_order'), age, due}
