#!lua flags=allow-oom
-- prefix, token, length in ms. Answers what lend does.
-- include _lend
return lend(ARGV[2], ARGV[3])
