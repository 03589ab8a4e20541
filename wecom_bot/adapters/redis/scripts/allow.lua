#!lua flags=allow-oom
-- prefix, what, how many are wanted, then count and span in ms of each limit, two by two.
-- Answers how many of them are counted, below 0; or the ms to wait, and nothing is counted. (At maxmemory, too: what is
-- sent frees memory.)
--
-- A sliding window of sub-counters. A span is cut into 60 slots; a slot counts what was taken in it, and is held against
-- the limit, whole, until its last moment lies a full span back. So at each take no less is held against the limit than
-- was taken in the span that ends now, and no span, wherever it begins, ever holds more than `count`. The price is that
-- a place comes back up to a sixtieth of the span later than it might. A token bucket allows nearly twice `count` in one
-- span (a full bucket, and what drips in while it empties); a list of moments would be as long as `count`.
--
-- One hash: 'span/slot' -> how many, at most 61 of each span; 'closed' -> until when; 'length' -> how long that was.
local SLOTS = 60
local key = T .. 'allow:' .. ARGV[2]
local t = now()

local function cut(span)
  return math.ceil(span / SLOTS)
end

-- When what was taken in a slot is no longer held against anybody.
local function free_at(span, slot)
  return (slot + 1) * cut(span) + span
end

local counted, over, closed = {}, {}, 0
local kept = redis.call('HGETALL', key)
for i = 1, #kept, 2 do
  local span, slot = string.match(kept[i], '^(%d+)/(%d+)$')
  if span then
    span, slot = tonumber(span), tonumber(slot)
    -- a slot far ahead is from before the server's clock was set back
    if t >= free_at(span, slot) or slot * cut(span) > t + span then
      over[#over + 1] = kept[i]
    else
      counted[span] = counted[span] or {}
      table.insert(counted[span], {slot, tonumber(kept[i + 1])})
    end
  elseif kept[i] == 'closed' then
    closed = tonumber(kept[i + 1])
  end
end

local wait, longest, taken = math.max(0, closed - t), 0, tonumber(ARGV[3])
for i = 4, #ARGV, 2 do
  local count, span = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  local slots, sum = counted[span] or {}, 0
  for _, slot in ipairs(slots) do
    sum = sum + slot[2]
  end
  taken = math.min(taken, count - sum)
  table.sort(slots, function(a, b) return a[1] < b[1] end)
  for _, slot in ipairs(slots) do
    if sum < count then
      break
    end
    sum = sum - slot[2]
    wait = math.max(wait, free_at(span, slot[1]) - t)
  end
  longest = math.max(longest, span + 2 * cut(span))
end
if wait > 0 then
  return wait
end

if #over > 0 then
  redis.call('HDEL', key, unpack(over))
end
for i = 4, #ARGV, 2 do
  local span = tonumber(ARGV[i + 1])
  redis.call('HINCRBY', key, string.format('%.0f/%.0f', span, math.floor(t / cut(span))), taken)
end
if longest > 0 then
  redis.call('PEXPIRE', key, math.max(redis.call('PTTL', key), longest))
end
return -taken
