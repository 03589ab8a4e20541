-- prefix, most waiting, dedup ms, mailbox, token, account, place before ('' for none), place after, record of the place
-- before or, where there was none, of the start ('' for none), then jobs.
-- Answers the number stored, -1 when full, -2 when the place has moved, -3 when the lease is lost.
if not held(ARGV[4], ARGV[5]) then
  return -3
end
if (redis.call('HGET', T .. 'cursor', ARGV[6]) or '') ~= ARGV[7] then
  return -2
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
local stored = put(10, tonumber(ARGV[2]), ARGV[3])
if stored == nil then
  return -1
end
if ARGV[9] ~= '' and told then
  redis.call('RPUSH', T .. 'outbox', ARGV[9])
  redis.call('HSET', T .. 'copied', ARGV[6], ARGV[7])
end
redis.call('HSET', T .. 'cursor', ARGV[6], ARGV[8])
return stored
