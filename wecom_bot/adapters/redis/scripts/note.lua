#!lua flags=allow-oom
-- prefix, mailbox, token, entry. Answers 1, or -1 when the lease is lost.
if not held(ARGV[2], ARGV[3]) then
  return -1
end
redis.call('RPUSH', T .. 'outbox', ARGV[4])
return 1
