#!lua flags=allow-oom
-- prefix, mailbox, token, turn key, turn, dialog key, dialog, keep ms, how many jobs at the head of the mailbox it
-- answers, how many entries for the outbox, these; the step to try at once ('' for none), and what attempt wants.
-- It replaces a turn of which nothing was tried.
-- Answers {1} when stored, {1, what attempt answered} with a step; {0, turn} when one was stored before and tried; {-1}
-- when the lease is lost.
-- include _attempt
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
redis.call('HSET', T .. 'lease:' .. ARGV[2], 'count', ARGV[9])
local step = 11 + tonumber(ARGV[10])
for i = 11, step - 1 do
  redis.call('RPUSH', T .. 'outbox', ARGV[i])
end
if ARGV[step] == '' then
  return {1}
end
return {1, attempt(ARGV[2], ARGV[4], ARGV[step], step + 1)}
