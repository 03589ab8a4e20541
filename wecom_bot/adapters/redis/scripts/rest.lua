#!lua flags=allow-oom
-- KEYS: due, puts, wake, served. ARGV: corp ID, puts as last seen, next due in ms (-1: not at all).
-- include _tenants
rest(ARGV[1], ARGV[2], tonumber(ARGV[3]))
return 1
