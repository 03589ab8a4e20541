#!lua flags=allow-oom
-- prefix, mailbox, token, reason, job to put in their place ('' for none). Answers like end_lease.
-- include _onward
local MOST_DEAD = 10000 -- letters of a tenant
if not held(ARGV[2], ARGV[3]) then
  return -1
end
local lane = redis.call('HGET', T .. 'lease:' .. ARGV[2], 'lane')
local tries = tonumber(redis.call('HGET', T .. 'tries', ARGV[2] .. lane))
local t = now()
for i, job in ipairs((take(ARGV[2]))) do
  local id = ARGV[3] .. '-' .. i
  redis.call('HSET', T .. 'dead', id, cjson.encode({job = job, mailbox = ARGV[2], lane = lane, reason = ARGV[4], attempts = tries, at = t}))
  redis.call('ZADD', T .. 'dead_order', t, id)
end
-- The oldest make room, or nobody's letters would one day leave no room for work; in portions that Lua can pass on.
local over = math.min(redis.call('ZCARD', T .. 'dead_order') - MOST_DEAD, 1000)
if over > 0 then
  local oldest = redis.call('ZRANGE', T .. 'dead_order', 0, over - 1)
  redis.call('HDEL', T .. 'dead', unpack(oldest))
  redis.call('ZREM', T .. 'dead_order', unpack(oldest))
end
if ARGV[5] ~= '' then
  redis.call('LPUSH', box(ARGV[2], lane), ARGV[5])
  redis.call('INCR', T .. 'waiting')
end
return onward(release(ARGV[2], t), '')[1]
