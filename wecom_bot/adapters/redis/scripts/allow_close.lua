#!lua flags=allow-oom
-- prefix, what, length in ms, longest in ms. Answers how many ms it is closed.
local key = T .. 'allow:' .. ARGV[2]
local t, length, longest = now(), tonumber(ARGV[3]), tonumber(ARGV[4])
local till, last = unpack(redis.call('HMGET', key, 'closed', 'length'))
till, last = tonumber(till or 0), tonumber(last or 0)
if t < till then
  -- said to calls that went out before: it does not grow by them
  till, last = math.max(till, t + length), math.max(last, length)
else
  if t < till + last then
    length = math.max(length, math.min(2 * last, longest))
  end
  till, last = t + length, length
end
redis.call('HSET', key, 'closed', till, 'length', last)
-- until nobody could be refused right after it any more
redis.call('PEXPIRE', key, math.max(redis.call('PTTL', key), till - t + last))
return till - t
