#!lua flags=allow-oom
-- prefix, mailbox, token, turn key, step, what (attempt, not_sent, mark); for an attempt that says something also
-- delivery id, what it stands for, digest of its words, budget (0 for none), and how long to remember these in ms.
-- Answers {1, state, since, same before}: state is what was known before; {-1} when the lease is lost, {-2} when the
-- budget is used up.
local FIVE_MINUTES = 300000
local key, step, what = ARGV[4], ARGV[5], ARGV[6]
if not held(ARGV[2], ARGV[3]) then
  return {-1}
end
local known = redis.call('HGET', key, step)
local t, told, said = now(), T .. 'told:' .. ARGV[2], T .. 'said:' .. ARGV[2]
if what == 'mark' then
  redis.call('HSET', key, step, 'done')
elseif what == 'not_sent' then
  -- nothing was said: the next try must not take this one for an earlier wish to say the same
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
elseif not known then
  if ARGV[7] then
    local budget = tonumber(ARGV[10])
    if budget > 0 and (tonumber(redis.call('GET', told)) or 0) >= budget then
      return {-2}
    end
    redis.call('INCR', told)
    redis.call('PEXPIRE', told, ARGV[11])
    redis.call('SET', T .. 'sent:' .. ARGV[7], ARGV[8], 'PX', ARGV[11])
    local same = redis.call('HGET', said, ARGV[9])
    if same and t - tonumber(same) < FIVE_MINUTES then
      redis.call('HSET', key, 'same:' .. step, same)
    end
    redis.call('HSET', said, ARGV[9], t)
    redis.call('PEXPIRE', said, FIVE_MINUTES)
  end
  redis.call('HSET', key, step, t)
end
local same = redis.call('HGET', key, 'same:' .. step) or ''
if known == 'done' then
  return {1, 'done', t, same}
end
return {1, known and 'again' or 'first', tonumber(known or t), same}
