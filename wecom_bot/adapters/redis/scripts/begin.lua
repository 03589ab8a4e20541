#!lua flags=no-writes
-- prefix, turn key, dialog key. Answers {turn, dialog}, each '' where there is none.
return {redis.call('HGET', ARGV[2], 'turn') or '', redis.call('GET', ARGV[3]) or ''}
