#!lua flags=allow-oom
-- prefix, head, name of a worker's fall. Notes it on the job that is still at the head of its mailbox. Answers how many
-- falls are noted there, 0 where that job is gone. All heads are looked through: a worker falls seldom.
local heads = redis.call('HGETALL', T .. 'heads')
for i = 1, #heads, 2 do
  local name = heads[i]
  if heads[i + 1] == ARGV[2] then
    local falls = redis.call('HGET', T .. 'accused', name) or ''
    if not string.find(falls, ARGV[3] .. ' ', 1, true) then
      redis.call('HSET', T .. 'accused', name, falls .. ARGV[3] .. ' ')
    end
    return accused(name)
  end
end
return 0
