-- Lets a lock go, if it is the holder's. KEYS: the lock. ARGV: the holder's token.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
