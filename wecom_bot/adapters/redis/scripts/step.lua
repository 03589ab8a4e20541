#!lua flags=allow-oom
-- prefix, mailbox, token, turn key, step, what (attempt, not_sent, mark).
-- Answers {1, state, since}: state is what was known before; {-1} when the lease is lost.
if not held(ARGV[2], ARGV[3]) then
  return {-1}
end
local known = redis.call('HGET', ARGV[4], ARGV[5])
local t = now()
if ARGV[6] == 'mark' then
  redis.call('HSET', ARGV[4], ARGV[5], 'done')
elseif ARGV[6] == 'not_sent' then
  redis.call('HDEL', ARGV[4], ARGV[5])
elseif not known then
  redis.call('HSET', ARGV[4], ARGV[5], t)
end
if known == 'done' then
  return {1, 'done', t}
end
return {1, known and 'again' or 'first', tonumber(known or t)}
