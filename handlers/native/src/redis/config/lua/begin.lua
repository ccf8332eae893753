-- Begins a write. ARGV: time, name, token, milliseconds after which it counts as broken off. Answers whether nobody else writes,
-- and the newest version.

local begun = redis.call('SET', writing(ARGV[2]), ARGV[3], 'NX', 'PX', ARGV[4]) and 1 or 0
return { begun, answer(ARGV[2], newest(list_of(ARGV[2]))) }
