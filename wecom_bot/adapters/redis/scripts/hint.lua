#!lua flags=allow-oom
-- KEYS: due, puts, wake, served. ARGV: corp ID, when in ms (0 = now), and for how many sleepers there is work (1 unless
-- told).
-- include _tenants
note_work(ARGV[1], tonumber(ARGV[2]))
for _ = 1, math.min(tonumber(ARGV[3] or '1'), MOST_WAKES) do
  wake_one()
end
return 1
