#!lua flags=allow-oom
-- prefix, mailbox, token, what (retry, pause, park, give_back), delay in ms.
-- Answers when the mailbox is due again where that could not be told, else 0; -1 when the lease is lost.
-- include _onward
if not held(ARGV[2], ARGV[3]) then
  return -1
end
local lease = redis.call('HMGET', T .. 'lease:' .. ARGV[2], 'lane', 'length')
local head = ARGV[2] .. lease[1]
local delay = tonumber(ARGV[5])
if ARGV[4] == 'retry' then
  redis.call('HINCRBY', T .. 'failures', head, 1)
elseif ARGV[4] == 'park' then
  redis.call('HINCRBY', T .. 'failures', head, 1)
  -- what came while it was leased may be just what it would wait for: then it is due at once
  if redis.call('LLEN', box(ARGV[2], lease[1])) > tonumber(lease[2]) then
    delay = 0
  else
    redis.call('SADD', T .. 'parked', head)
  end
else
  redis.call('HINCRBY', T .. 'tries', head, -1)
end
return onward(release(ARGV[2], now() + delay), '')[1]
