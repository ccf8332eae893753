-- A mail's whole life, but its body. ARGV: the time; the mail's id, or else a delivery's. Returns the mail's row, those of its
-- deliveries, each with its attempts, and its events; nothing when there is no such mail.
local mail
if ARGV[2] ~= '' then
  mail = redis.call('HGET', P .. 'mails', ARGV[2])
else
  local delivery = redis.call('HGET', P .. 'delivery_ids', ARGV[3])
  mail = delivery and field(delivery_key(delivery), 'mail')
end
if not mail then return false end

local deliveries = {}
for n, seq in ipairs(redis.call('LRANGE', P .. 'deliveries:' .. mail, 0, -1)) do
  local row = redis.call('HMGET', delivery_key(seq), 'id', 'target', 'url', 'state', 'reason', 'due', 'ended_at')
  deliveries[n] = { seq, row, redis.call('LRANGE', P .. 'attempts:' .. seq, 0, -1) }
end
return { summary(mail), deliveries, redis.call('LRANGE', P .. 'events:' .. mail, 0, -1) }
