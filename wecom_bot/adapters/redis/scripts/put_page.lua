-- prefix, most waiting, dedup ms, mailbox, token, account, cursor before, cursor after, then jobs.
-- Answers the number stored, -1 when full, -2 when the cursor has moved, -3 when the lease is lost.
if not held(ARGV[4], ARGV[5]) then
  return -3
end
if (redis.call('HGET', T .. 'cursor', ARGV[6]) or '') ~= ARGV[7] then
  return -2
end
local stored = put(9, tonumber(ARGV[2]), ARGV[3])
if stored == nil then
  return -1
end
redis.call('HSET', T .. 'cursor', ARGV[6], ARGV[8])
return stored
