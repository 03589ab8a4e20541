-- Asking leave for a step of a turn.
local FIVE_MINUTES = 300000

-- Note that the step of the turn under `key` is being tried. What it says is at ARGV[at] where it says something:
-- delivery id, what it stands for, digest of its words, budget (0 for none), and how long to remember these in ms.
-- Answers {1, state, since, same before}: state is what was known before; {-2} when the budget is used up.
local function attempt(mailbox, key, step, at)
  local known = redis.call('HGET', key, step)
  local t, told, said = now(), T .. 'told:' .. mailbox, T .. 'said:' .. mailbox
  if not known then
    if ARGV[at] then
      local budget, keep = tonumber(ARGV[at + 3]), ARGV[at + 4]
      if budget > 0 and (tonumber(redis.call('GET', told)) or 0) >= budget then
        return {-2}
      end
      redis.call('INCR', told)
      redis.call('PEXPIRE', told, keep)
      redis.call('SET', T .. 'sent:' .. ARGV[at], ARGV[at + 1], 'PX', keep)
      local same = redis.call('HGET', said, ARGV[at + 2])
      if same and t - tonumber(same) < FIVE_MINUTES then
        redis.call('HSET', key, 'same:' .. step, same)
      end
      redis.call('HSET', said, ARGV[at + 2], t)
      redis.call('PEXPIRE', said, FIVE_MINUTES)
    end
    redis.call('HSET', key, step, t)
  end
  local same = redis.call('HGET', key, 'same:' .. step) or ''
  if known == 'done' then
    return {1, 'done', t, same}
  end
  return {1, known and 'again' or 'first', tonumber(known or t), same}
end
