#!lua flags=allow-oom
-- prefix, token, how many. Only the writer that took them may drop them.
if redis.call('GET', T .. 'outbox_writer') == ARGV[2] then
  redis.call('LTRIM', T .. 'outbox', ARGV[3], -1)
  redis.call('DEL', T .. 'outbox_writer')
end
return 1
