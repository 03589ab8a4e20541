#!lua flags=allow-oom
-- prefix, mailbox, token, reason, job to put in their place ('' for none). Answers like end_lease.
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
if ARGV[5] ~= '' then
  redis.call('LPUSH', box(ARGV[2], lane), ARGV[5])
  redis.call('INCR', T .. 'waiting')
end
return release(ARGV[2], t) == 1 and t or 0
