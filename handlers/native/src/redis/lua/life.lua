-- A mail's whole life, but its body. ARGV: `mail` or `delivery`, and its id. Returns the mail's row, those of its deliveries,
-- each with its attempts, and its events; nothing when there is no such mail.
local seq = call('GET', P .. ARGV[2] .. '_id:' .. ARGV[3])
if seq and ARGV[2] == 'delivery' then seq = call('HGET', P .. 'delivery:' .. seq, 'mail') end
if not seq then return false end

local deliveries = {}
for own in string.gmatch(call('HGET', P .. 'mail:' .. seq, 'deliveries') or '', '%d+') do
  local row = call('HMGET', P .. 'delivery:' .. own, 'id', 'target', 'state', 'reason', 'due', 'ended_at')
  row[7], row[8], row[9] = own, call('GET', P .. 'job:' .. own), call('LRANGE', P .. 'attempts:' .. own, 0, -1)
  deliveries[#deliveries + 1] = row
end
return { summary(seq), deliveries, call('LRANGE', P .. 'events:' .. seq, 0, -1) }
