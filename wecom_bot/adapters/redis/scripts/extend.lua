#!lua flags=allow-oom
-- prefix, length in ms, then mailbox and token of each lease. Answers the places (from 0) of those that are lost.
local ends, lost = now() + tonumber(ARGV[2]), {}
for i = 3, #ARGV, 2 do
  if held(ARGV[i], ARGV[i + 1]) then
    redis.call('ZADD', T .. 'leased', 'XX', ends, ARGV[i])
  else
    lost[#lost + 1] = (i - 3) / 2
  end
end
return lost
