-- Shared by every script. KEYS[1] routes to the tenant's slot; ARGV[1] is the prefix of all its keys, `wb:{corp_id}:`.
-- The server's clock is the only one: workers on several machines need not agree on the time.
local T = ARGV[1]

local function now()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- A mailbox has two lanes: '' in order of arrival, and '!' for what cannot wait (a welcome, and the pull that may bring
-- one), which goes first.
local function box(mailbox, lane)
  return T .. 'box:' .. mailbox .. lane
end

local function held(mailbox, token)
  return redis.call('HGET', T .. 'lease:' .. mailbox, 'token') == token
end

local function is_pull(mailbox)
  return string.sub(mailbox, 1, 5) == 'pull/'
end

-- One pull fetches all that there is: of those that wait only the first (since when) and the last (the newest token)
-- matter. So an account that cannot be pulled for days does not fill its tenant's inbox with notifications.
local MOST_PULLS = 3

-- Drop what does not matter of a mailbox's pulls. None of them is leased now.
local function thin(mailbox, lane)
  local key = box(mailbox, lane)
  for _ = MOST_PULLS + 1, redis.call('LLEN', key) do
    redis.call('LSET', key, -1, redis.call('RPOP', key))
    redis.call('DECR', T .. 'waiting')
  end
end

-- End a mailbox's lease; what waits in its lane is due at `due`, and in the other lane when it was before: a welcome does
-- not wait for the retry of a message, nor hurry it. But a pull is the same in both lanes.
-- Answers when anything of the mailbox is due, 0 where nothing waits.
local function release(mailbox, due)
  local lease = redis.call('HMGET', T .. 'lease:' .. mailbox, 'lane', 'other')
  redis.call('DEL', T .. 'lease:' .. mailbox)
  redis.call('ZREM', T .. 'leased', mailbox)
  if is_pull(mailbox) then
    thin(mailbox, '')
    thin(mailbox, '!')
  end
  local first = 0
  for lane, name in pairs({['!'] = 'urgent', [''] = 'ready'}) do
    if redis.call('LLEN', box(mailbox, lane)) > 0 then
      local at = due
      if lane ~= lease[1] and not is_pull(mailbox) then
        at = tonumber(lease[2] or '') or now()
      end
      redis.call('ZADD', T .. name, at, mailbox)
      first = first > 0 and math.min(first, at) or at
    end
  end
  return first
end

-- How many workers fell while they were computing the job at the head of a lane: each fall is noted by its name.
local function accused(name)
  local _, falls = string.gsub(redis.call('HGET', T .. 'accused', name) or '', '%S+', '')
  return falls
end

-- Remove the leased jobs from the head of their lane, and answer them.
local function take(mailbox)
  local lease = redis.call('HMGET', T .. 'lease:' .. mailbox, 'lane', 'count')
  local jobs = redis.call('LPOP', box(mailbox, lease[1]), lease[2]) or {}
  redis.call('DECRBY', T .. 'waiting', #jobs)
  redis.call('HDEL', T .. 'tries', mailbox .. lease[1])
  for _, name in ipairs({'failures', 'heads', 'accused'}) do
    redis.call('HDEL', T .. name, mailbox .. lease[1])
  end
  return jobs, lease[1]
end

-- How many jobs at the head of a lane are lent out.
local function leased(mailbox, lane)
  local lease = redis.call('HMGET', T .. 'lease:' .. mailbox, 'lane', 'count')
  return lease[1] == lane and tonumber(lease[2]) or 0
end

local function push(mailbox, lane, job, due)
  -- a pull under way may have seen the end already: what comes now must outlive it, so it never replaces a leased one
  if is_pull(mailbox) and redis.call('LLEN', box(mailbox, lane)) - leased(mailbox, lane) >= MOST_PULLS then
    redis.call('LSET', box(mailbox, lane), -1, job)
    return
  end
  redis.call('RPUSH', box(mailbox, lane), job)
  redis.call('INCR', T .. 'waiting')
  -- what was parked has waited for just this; a retry is not hurried by what comes behind it
  local hurry = redis.call('SREM', T .. 'parked', mailbox .. lane) == 1
  if redis.call('EXISTS', T .. 'lease:' .. mailbox) == 1 then
    if hurry then
      redis.call('HSET', T .. 'lease:' .. mailbox, 'other', due)
    end
  else
    redis.call('ZADD', T .. (lane == '!' and 'urgent' or 'ready'), hurry and 'LT' or 'NX', due, mailbox)
  end
end

-- Whether a job came before under this id, or under the one that an older version gave it. The older one may be another
-- sender's too, so it is believed only while WeCom still repeats a callback, and only if an older version noted it.
local REPEATS = 10 * 60 * 1000

local function came_before(id, former, remember)
  if id == '' then
    return false
  end
  if redis.call('EXISTS', T .. 'seen:' .. id) == 1 then
    return true
  end
  local noted = T .. 'seen:' .. former
  return former ~= '' and redis.call('GET', noted) == '1' and redis.call('PTTL', noted) > remember - REPEATS
end

-- Note that it came, also for an older version that may get the repeat: what it finds noted it takes for known.
local function note_came(id, former, remember)
  if id ~= '' then
    redis.call('SET', T .. 'seen:' .. id, '1', 'PX', remember)
  end
  if former ~= '' then
    redis.call('SET', T .. 'seen:' .. former, 'newer', 'PX', REPEATS, 'NX')
  end
end

-- ARGV from `first`: mailbox, lane, dedup id and its former one ('' for none), whether the customer wrote ('1'), job;
-- six by six.
-- Answers how many were new, or nil when the tenant would have more than `most` waiting; then nothing was stored.
local function put(first, most, remember)
  local fresh = 0
  for i = first, #ARGV, 6 do
    if not came_before(ARGV[i + 2], ARGV[i + 3], tonumber(remember)) then
      fresh = fresh + 1
    end
  end
  if fresh > 0 and tonumber(redis.call('GET', T .. 'waiting') or '0') + fresh > most then
    return nil
  end
  local stored, due = 0, now()
  redis.call('SET', T .. 'born', due, 'NX')
  for i = first, #ARGV, 6 do
    if not came_before(ARGV[i + 2], ARGV[i + 3], tonumber(remember)) then
      note_came(ARGV[i + 2], ARGV[i + 3], remember)
      push(ARGV[i], ARGV[i + 1], ARGV[i + 5], due)
      if ARGV[i + 4] == '1' then
        redis.call('DEL', T .. 'told:' .. ARGV[i]) -- who has written may be told as much again
      end
      stored = stored + 1
    end
  end
  return stored
end

-- When this tenant wants to be looked at next, in milliseconds; -1 for not at all.
local function next_due()
  local due = -1
  for _, name in ipairs({'urgent', 'ready', 'leased'}) do
    local first = redis.call('ZRANGE', T .. name, 0, 0, 'WITHSCORES')
    if first[2] and (due < 0 or tonumber(first[2]) < due) then
      due = tonumber(first[2])
    end
  end
  return due
end
