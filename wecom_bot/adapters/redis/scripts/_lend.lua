-- Lending a tenant's next job to a worker.

-- Pulls go ahead: a welcome that WeCom takes for 20 s may stand behind one, and so may a customer's first word. That
-- is safe as long as they are few: an account is pulled by one worker at a time, and its notifications that wait
-- together are one pull. But a tenant may have more accounts than there are workers, each told of something new at
-- every pull. So of what is due without being urgent, one goes after at most that many pulls in a row.
local PULLS_AHEAD = 4

-- What is known where a customer's message is about to be answered: the turn that was stored for it, and the state of
-- its conversation, each '' where there is none. Nobody changes them but who has the lease.
local function known(mailbox, job)
  if is_pull(mailbox) then
    return '', ''
  end
  local read, found = pcall(cjson.decode, job)
  local message = read and type(found) == 'table' and found.kind == 'answer' and found.message
  if type(message) ~= 'table' or type(message.message_id) ~= 'string' then
    return '', ''
  end
  local turn = redis.call('HGET', T .. 'turn:' .. mailbox .. '/' .. message.message_id, 'turn')
  return turn or '', redis.call('GET', T .. 'dialog:' .. mailbox) or ''
end

-- {next due, mailbox, job, tries, failures, born, head, accused, how many stand behind it, place of a pull, turn,
-- dialog}, or {next due} when nothing is due. `token` proves the lease, which ends by itself after `length_of_lease` ms.
local function lend(token, length_of_lease)
  local t = now()
  for _, mailbox in ipairs(redis.call('ZRANGEBYSCORE', T .. 'leased', '-inf', t, 'LIMIT', 0, 100)) do
    release(mailbox, t)
  end
  local function first(name)
    return redis.call('ZRANGEBYSCORE', T .. name, '-inf', t, 'LIMIT', 0, 1)[1]
  end

  local urgent, ready = first('urgent'), first('ready')
  local lane, mailbox = '!', urgent
  if not urgent then
    lane, mailbox = '', ready
  elseif ready and is_pull(urgent) and redis.call('INCR', T .. 'ahead') > PULLS_AHEAD then
    lane, mailbox = '', ready
  end
  if not mailbox then
    return {next_due()}
  end
  if lane == '' then
    redis.call('DEL', T .. 'ahead')
  end
  local other = redis.call('ZSCORE', T .. (lane == '!' and 'ready' or 'urgent'), mailbox)
  redis.call('ZREM', T .. 'urgent', mailbox)
  redis.call('ZREM', T .. 'ready', mailbox)
  redis.call('SREM', T .. 'parked', mailbox .. lane)
  local length = redis.call('LLEN', box(mailbox, lane))
  redis.call('HSET', T .. 'lease:' .. mailbox, 'token', token, 'lane', lane, 'count', 1, 'length', length)
  if other then
    redis.call('HSET', T .. 'lease:' .. mailbox, 'other', other) -- when the other lane is due
  end
  redis.call('ZADD', T .. 'leased', t + tonumber(length_of_lease), mailbox)
  redis.call('SET', T .. 'born', t, 'NX')
  local tries = redis.call('HINCRBY', T .. 'tries', mailbox .. lane, 1)
  local job = redis.call('LINDEX', box(mailbox, lane), 0)
  local failures = redis.call('HGET', T .. 'failures', mailbox .. lane) or '0'
  -- the job at the head is known by the token of its first lease
  redis.call('HSETNX', T .. 'heads', mailbox .. lane, token)
  local head = redis.call('HGET', T .. 'heads', mailbox .. lane)
  local born = redis.call('GET', T .. 'born')
  local place = is_pull(mailbox) and redis.call('HGET', T .. 'cursor', string.sub(mailbox, 6)) or ''
  local turn, dialog = known(mailbox, job)
  return {
    next_due(), mailbox, job, tries, failures, born, head, accused(mailbox .. lane), length - 1, place, turn, dialog,
  }
end
