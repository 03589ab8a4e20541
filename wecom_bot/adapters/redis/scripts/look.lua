#!lua flags=no-writes
-- prefix, mailbox, token, most. Answers the jobs at the head of the mailbox, or false when the lease is lost.
if not held(ARGV[2], ARGV[3]) then
  return false
end
return redis.call('LRANGE', box(ARGV[2], redis.call('HGET', T .. 'lease:' .. ARGV[2], 'lane')), 0, ARGV[4] - 1)
