#!lua flags=no-writes
-- prefix, mailbox, token, most, known message ids. Answers {the jobs at the head of the mailbox, places (from 0) of the
-- known messages that were taken back}, or false when the lease is lost.
if not held(ARGV[2], ARGV[3]) then
  return false
end
local recalled = {}
for i = 5, #ARGV do
  if redis.call('EXISTS', T .. 'recalled:' .. ARGV[2] .. '/' .. ARGV[i]) == 1 then
    recalled[#recalled + 1] = i - 5
  end
end
local lane = redis.call('HGET', T .. 'lease:' .. ARGV[2], 'lane')
return {redis.call('LRANGE', box(ARGV[2], lane), 0, ARGV[4] - 1), recalled}
