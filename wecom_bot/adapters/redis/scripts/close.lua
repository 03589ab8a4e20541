#!lua flags=allow-oom
-- prefix, mailbox, token, turn key, keep ms, record. Answers 1, or -1 when the lease is lost.
if not held(ARGV[2], ARGV[3]) then
  return -1
end
if redis.call('HSETNX', ARGV[4], 'closed', '1') == 1 then
  redis.call('RPUSH', T .. 'outbox', ARGV[6])
end
redis.call('PEXPIRE', ARGV[4], ARGV[5])
return 1
