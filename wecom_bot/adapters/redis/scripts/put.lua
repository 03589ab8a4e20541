-- prefix, most waiting, dedup ms, then jobs. Answers the number stored, or -1 when full.
return put(4, tonumber(ARGV[2]), ARGV[3]) or -1
