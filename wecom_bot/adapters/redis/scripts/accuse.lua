#!lua flags=allow-oom
-- prefix, mailbox, head, whether it was alone ('1'). Notes it on the job that is still at the head: 1, or 2 where it was
-- alone. Answers the number noted, 0 where that job is gone.
for _, lane in ipairs({'', '!'}) do
  local name = ARGV[2] .. lane
  if redis.call('HGET', T .. 'heads', name) == ARGV[3] then
    if ARGV[4] == '1' then
      redis.call('HSET', T .. 'accused', name, 2)
    else
      redis.call('HSETNX', T .. 'accused', name, 1)
    end
    return tonumber(redis.call('HGET', T .. 'accused', name))
  end
end
return 0
