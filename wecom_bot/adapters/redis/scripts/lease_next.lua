#!lua flags=allow-oom
-- KEYS: due, puts, wake, served. ARGV: '' (no tenant's prefix), token, length in ms, corp IDs to pass over.
-- Answers what lend_next does.
-- include _onward
return lend_next(ARGV[2], ARGV[3], passed_over(4, #ARGV))
