#!lua flags=allow-oom
-- prefix, mailbox, token, turn key, turn, dialog key, dialog, keep ms. It replaces a turn of which nothing was tried.
-- Answers {1} when stored, {0, turn} when one was stored before and tried, {-1} when the lease is lost.
if not held(ARGV[2], ARGV[3]) then
  return {-1}
end
if redis.call('HLEN', ARGV[4]) == 1 then
  redis.call('HDEL', ARGV[4], 'turn')
end
if redis.call('HSETNX', ARGV[4], 'turn', ARGV[5]) == 0 then
  return {0, redis.call('HGET', ARGV[4], 'turn')}
end
redis.call('PEXPIRE', ARGV[4], ARGV[8])
redis.call('SET', ARGV[6], ARGV[7], 'PX', ARGV[8])
return {1}
