#!lua flags=allow-oom
-- prefix, mailbox, token, length in ms. Answers 1, or 0 when the lease is lost.
if not held(ARGV[2], ARGV[3]) then
  return 0
end
redis.call('ZADD', T .. 'leased', 'XX', now() + tonumber(ARGV[4]), ARGV[2])
return 1
