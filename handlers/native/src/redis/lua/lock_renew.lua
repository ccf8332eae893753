-- Holds a lock for another while, if it is the holder's. KEYS: the lock. ARGV: the holder's token, milliseconds.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
