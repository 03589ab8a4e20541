#!lua flags=allow-oom
-- prefix, token, length in ms. Answers {next due, mailbox, job, tries, failures, born}, or
-- {next due} when nothing is due.
local t = now()
for _, mailbox in ipairs(redis.call('ZRANGEBYSCORE', T .. 'leased', '-inf', t, 'LIMIT', 0, 100)) do
  release(mailbox, t)
end
for _, lane in ipairs({'!', ''}) do
  local waiting = T .. (lane == '!' and 'urgent' or 'ready')
  local mailbox = redis.call('ZRANGEBYSCORE', waiting, '-inf', t, 'LIMIT', 0, 1)[1]
  if mailbox then
    redis.call('ZREM', T .. 'urgent', mailbox)
    redis.call('ZREM', T .. 'ready', mailbox)
    redis.call('SREM', T .. 'parked', mailbox)
    local length = redis.call('LLEN', box(mailbox, lane))
    redis.call('HSET', T .. 'lease:' .. mailbox, 'token', ARGV[2], 'lane', lane, 'count', 1, 'length', length)
    redis.call('ZADD', T .. 'leased', t + tonumber(ARGV[3]), mailbox)
    redis.call('SET', T .. 'born', t, 'NX')
    local tries = redis.call('HINCRBY', T .. 'tries', mailbox .. lane, 1)
    local job = redis.call('LINDEX', box(mailbox, lane), 0)
    local failures = redis.call('HGET', T .. 'failures', mailbox .. lane) or '0'
    return {next_due(), mailbox, job, tries, failures, redis.call('GET', T .. 'born')}
  end
end
return {next_due()}
