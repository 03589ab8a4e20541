#!lua flags=allow-oom
-- prefix, mailbox, token, most. Answers the jobs now leased, or false when the lease is lost.
if not held(ARGV[2], ARGV[3]) then
  return false
end
local jobs = redis.call('LRANGE', box(ARGV[2], redis.call('HGET', T .. 'lease:' .. ARGV[2], 'lane')), 0, ARGV[4] - 1)
redis.call('HSET', T .. 'lease:' .. ARGV[2], 'count', #jobs)
return jobs
