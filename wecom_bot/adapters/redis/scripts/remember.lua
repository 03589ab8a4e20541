#!lua flags=allow-oom
-- prefix, mailbox, token, dialog key, dialog, keep ms. Answers 1, or -1 when the lease is lost.
if not held(ARGV[2], ARGV[3]) then
  return -1
end
redis.call('SET', ARGV[4], ARGV[5], 'PX', ARGV[6])
return 1
