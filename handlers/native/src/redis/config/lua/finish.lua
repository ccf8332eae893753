-- Ends a write that the caller began. ARGV: time, name, token.

if redis.call('GET', writing(ARGV[2])) ~= ARGV[3] then return 0 end
return redis.call('DEL', writing(ARGV[2]))
