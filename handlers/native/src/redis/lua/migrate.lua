-- Brings the store to this server's schema. ARGV: the schema this server writes, the oldest that can read what it writes, how
-- long its settings keep bodies, in milliseconds (a sweep brings another server's time to what is there).
-- Answers what was done: 'made' in an empty store, 'same', 'raised', or 'newer' when this server cannot read what is there.
local meta = KEYS[1] .. 'meta'
local found = redis.call('HMGET', meta, 'schema', 'oldest_reader')
local schema, reader = tonumber(found[1]), tonumber(found[2])
local own = tonumber(ARGV[1])
if schema and reader and reader > own then return { 'newer', schema } end
redis.call('HSETNX', meta, 'bodies_ms', ARGV[3])
if schema and schema >= own then return { 'same', schema } end
redis.call('HSET', meta, 'schema', ARGV[1], 'oldest_reader', ARGV[2])
return { schema and 'raised' or 'made', own }
