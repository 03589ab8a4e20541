#!lua flags=allow-oom
-- prefix, worker. Ends what a dead worker has leased, as if it had run out. Answers how many leases that were.
local t, its, ended = now(), ARGV[2] .. '-', 0
for _, mailbox in ipairs(redis.call('ZRANGE', T .. 'leased', 0, -1)) do
  local token = redis.call('HGET', T .. 'lease:' .. mailbox, 'token')
  if token and string.sub(token, 1, -33) == its then -- behind it stand the 32 digits of the lease
    release(mailbox, t)
    ended = ended + 1
  end
end
return ended
