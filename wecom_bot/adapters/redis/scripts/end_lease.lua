#!lua flags=allow-oom
-- prefix, mailbox, token, what (done, retry, give_back), delay in ms.
-- Answers when the mailbox is due again, 0 when it is empty, -1 when the lease is lost.
if not held(ARGV[2], ARGV[3]) then
  return -1
end
if ARGV[4] == 'done' then
  take(ARGV[2])
elseif ARGV[4] == 'give_back' then
  local lane = redis.call('HGET', T .. 'lease:' .. ARGV[2], 'lane')
  redis.call('HINCRBY', T .. 'tries', ARGV[2] .. lane, -1)
end
local due = now() + tonumber(ARGV[5])
return release(ARGV[2], due) == 1 and due or 0
