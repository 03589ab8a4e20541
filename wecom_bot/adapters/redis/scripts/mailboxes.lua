-- prefix. Answers every mailbox in which something waits, some of them twice: in one step, for one that is leased
-- meanwhile moves from one set to another.
local found = {}
for _, name in ipairs({'ready', 'urgent', 'leased'}) do
  for _, mailbox in ipairs(redis.call('ZRANGE', T .. name, 0, -1)) do
    found[#found + 1] = mailbox
  end
end
return found
