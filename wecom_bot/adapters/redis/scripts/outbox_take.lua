#!lua flags=allow-oom
-- prefix, token, lock ms, most. Answers the oldest records; none when another writer has them or there are none.
if redis.call('LLEN', T .. 'outbox') == 0 then
  return {}
end
if not redis.call('SET', T .. 'outbox_writer', ARGV[2], 'PX', ARGV[3], 'NX') then
  return {}
end
return redis.call('LRANGE', T .. 'outbox', 0, ARGV[4] - 1)
