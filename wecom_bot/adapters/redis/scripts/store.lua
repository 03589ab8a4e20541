#!lua flags=allow-oom
-- prefix, mailbox, token, turn key, turn, dialog key, dialog, keep ms, how many jobs at the head of the mailbox it
-- answers; of how many messages to see whether one was taken back (0: store it whatever has come), their ids; how many
-- entries for the outbox, these; the step to try at once ('' for none), and what attempt wants.
-- It replaces a turn of which nothing was tried.
-- Answers {1} when stored, {1, what attempt answered} with a step; {0, turn} when one was stored before and tried; {2},
-- and nothing is stored, when a message was taken back or more stands in the mailbox; {-1} when the lease is lost.
-- include _attempt
if not held(ARGV[2], ARGV[3]) then
  return {-1}
end
local messages = tonumber(ARGV[10])

local function has_changed()
  local lane = redis.call('HGET', T .. 'lease:' .. ARGV[2], 'lane')
  if redis.call('LLEN', box(ARGV[2], lane)) > tonumber(ARGV[9]) then
    return true
  end
  for i = 11, 10 + messages do
    if redis.call('EXISTS', T .. 'recalled:' .. ARGV[2] .. '/' .. ARGV[i]) == 1 then
      return true
    end
  end
  return false
end

local fields = redis.call('HLEN', ARGV[4])
if messages > 0 and fields <= 1 and has_changed() then
  return {2}
end
if fields == 1 then
  redis.call('HDEL', ARGV[4], 'turn')
end
if redis.call('HSETNX', ARGV[4], 'turn', ARGV[5]) == 0 then
  return {0, redis.call('HGET', ARGV[4], 'turn')}
end
redis.call('PEXPIRE', ARGV[4], ARGV[8])
redis.call('SET', ARGV[6], ARGV[7], 'PX', ARGV[8])
redis.call('HSET', T .. 'lease:' .. ARGV[2], 'count', ARGV[9])
local entries = 11 + messages
local step = entries + 1 + tonumber(ARGV[entries])
for i = entries + 1, step - 1 do
  redis.call('RPUSH', T .. 'outbox', ARGV[i])
end
if ARGV[step] == '' then
  return {1}
end
return {1, attempt(ARGV[2], ARGV[4], ARGV[step], step + 1)}
