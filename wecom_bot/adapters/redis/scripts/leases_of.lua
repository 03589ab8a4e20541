#!lua flags=no-writes
-- KEYS[1] routes to the tenant's slot. ARGV: prefix, worker. Answers how many mailboxes the worker has leased.
-- Its text is whole, without the prologue: it is sent along with every tenant.
local T, its, found = ARGV[1], ARGV[2] .. '-', 0
for _, mailbox in ipairs(redis.call('ZRANGE', T .. 'leased', 0, -1)) do
  local token = redis.call('HGET', T .. 'lease:' .. mailbox, 'token')
  if token and string.sub(token, 1, -33) == its then -- behind it stand the 32 digits of the lease
    found = found + 1
  end
end
return found
