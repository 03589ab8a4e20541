-- prefix, letter id. Answers 1, or 0 when there is no such letter.
local letter = redis.call('HGET', T .. 'dead', ARGV[2])
if not letter then
  return 0
end
letter = cjson.decode(letter)
push(letter.mailbox, letter.lane, letter.job, now())
redis.call('HDEL', T .. 'dead', ARGV[2])
redis.call('ZREM', T .. 'dead_order', ARGV[2])
return 1
