-- Takes a lock that nobody holds. KEYS: the lock. ARGV: the holder's token, milliseconds.
return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) and 1 or 0
