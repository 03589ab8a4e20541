#!lua flags=allow-oom
-- prefix, mailbox, token, turn key ('' for none), its step that was taken ('' for none), record of the turn that is over
-- ('' where it is not), how long to keep that turn in ms, how many other entries for the outbox, these; token of the next
-- lease ('' for none), its length in ms, corp IDs to pass over.
-- Answers {-1} when the lease is lost, else what onward does.
-- include _onward
if not held(ARGV[2], ARGV[3]) then
  return {-1}
end
local turn, step, record, entries = ARGV[4], ARGV[5], ARGV[6], tonumber(ARGV[8])
if step ~= '' then
  redis.call('HSET', turn, step, 'done')
end
for i = 9, 8 + entries do
  redis.call('RPUSH', T .. 'outbox', ARGV[i])
end
if record ~= '' then
  if redis.call('HSETNX', turn, 'closed', '1') == 1 then
    redis.call('RPUSH', T .. 'outbox', record)
  end
  redis.call('PEXPIRE', turn, ARGV[7])
end
take(ARGV[2])
local due = release(ARGV[2], now())
return onward(due, ARGV[9 + entries], ARGV[10 + entries], passed_over(11 + entries, #ARGV))
