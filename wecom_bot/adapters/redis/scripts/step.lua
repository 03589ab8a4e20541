#!lua flags=allow-oom
-- prefix, mailbox, token, turn key, step, what (attempt, not_sent, mark), another step that was taken before ('' for
-- none); for an attempt that says something also what attempt wants.
-- Answers what attempt does, {1} for the others; {-1} when the lease is lost.
-- include _attempt
local key, step, what = ARGV[4], ARGV[5], ARGV[6]
if not held(ARGV[2], ARGV[3]) then
  return {-1}
end
if ARGV[7] ~= '' then
  redis.call('HSET', key, ARGV[7], 'done')
end
if what == 'attempt' then
  return attempt(ARGV[2], key, step, 8)
elseif what == 'mark' then
  redis.call('HSET', key, step, 'done')
  return {1}
end
-- nothing was said: the next try must not take this one for an earlier wish to say the same
local known, told, said = redis.call('HGET', key, step), T .. 'told:' .. ARGV[2], T .. 'said:' .. ARGV[2]
redis.call('HDEL', key, step, 'same:' .. step)
local words = redis.call('HGETALL', said)
for i = 1, #words, 2 do
  if words[i + 1] == known then
    redis.call('HDEL', said, words[i])
  end
end
if known and (tonumber(redis.call('GET', told)) or 0) > 0 then
  redis.call('DECR', told)
end
return {1}
