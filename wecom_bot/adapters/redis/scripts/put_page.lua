-- prefix, most waiting, dedup ms, mailbox, token, account, place before ('' for none), place after, record of the place
-- before or, where there was none, of the start ('' for none), whether the lease ends with it ('1'), token of the next
-- lease ('' for none), its length in ms, how many corp IDs to pass over, these, then jobs.
-- Answers {-1} when full, {-2} when the place has moved, {-3} when the lease is lost; else {the number stored}, with the
-- end of the lease and then what onward answers.
-- include _onward
if not held(ARGV[4], ARGV[5]) then
  return {-3}
end
if (redis.call('HGET', T .. 'cursor', ARGV[6]) or '') ~= ARGV[7] then
  return {-2}
end

-- Whether no work of the tenant is left but pulls; with more than a few mailboxes that is not worth finding out.
local FEW = 20

local function nothing_left()
  local left = {}
  for _, name in ipairs({'urgent', 'ready', 'leased'}) do
    if redis.call('ZCARD', T .. name) > FEW then
      return false
    end
    for _, mailbox in ipairs(redis.call('ZRANGE', T .. name, 0, -1)) do
      left[#left + 1] = mailbox
    end
  end
  for _, mailbox in ipairs(left) do
    if not is_pull(mailbox) then
      return false
    end
  end
  return true
end

-- Before this page is stored: then all that came before the place was dealt with, and stands in the outbox ahead of this.
-- Nothing came before a start: it is told at once, or a loss of Redis would turn the history behind it into news.
local told = ARGV[7] == '' or (redis.call('HGET', T .. 'copied', ARGV[6]) ~= ARGV[7] and nothing_left())
local first = 14 + tonumber(ARGV[13]) -- of the jobs
local stored = put(first, tonumber(ARGV[2]), ARGV[3])
if stored == nil then
  return {-1}
end
if ARGV[9] ~= '' and told then
  redis.call('RPUSH', T .. 'outbox', ARGV[9])
  redis.call('HSET', T .. 'copied', ARGV[6], ARGV[7])
end
redis.call('HSET', T .. 'cursor', ARGV[6], ARGV[8])
local due = stored > 0 and now() or 0
if ARGV[10] == '1' then
  take(ARGV[4])
  local again = release(ARGV[4], now())
  due = due > 0 and due or again
end
local token = ARGV[10] == '1' and ARGV[11] or ''
local answer = onward(due, token, ARGV[12], passed_over(14, first - 1))
table.insert(answer, 1, stored)
return answer
