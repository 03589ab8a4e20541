#!lua flags=allow-oom
-- KEYS: due, puts, wake, served. ARGV: corp IDs to pass over.
-- Answers {corp ID, puts} of the tenant that waited longest, or {ms until one is due} (-1: none).
-- include _tenants
return next_tenant(passed_over(1, #ARGV))
