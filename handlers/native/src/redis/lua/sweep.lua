-- Removes a page of what retention no longer keeps. ARGV: the time; how long bodies, records and dead letters are kept, in
-- milliseconds; how much is a page. Returns the bodies, records and claims removed, and whether there is more.
local bodies_ms, records_ms, dead_ms, most = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])

-- The oldest mails of the end states that ended so long ago, state by state, so that dead letters, which stay longest, are not
-- read over and over on the way to the others.
local function ended(list, kept_ms)
  local found = {}
  for _, state in ipairs(END_STATES) do
    local kept = state == 'failed' and math.max(kept_ms, dead_ms) or kept_ms
    local room = most - #found
    for _, seq in ipairs(redis.call('ZRANGEBYSCORE', P .. list .. state, '-inf', now - kept, 'LIMIT', 0, room)) do
      found[#found + 1] = seq
    end
  end
  return found
end

local function remove_body(seq)
  redis.call('UNLINK', P .. 'body:' .. seq)
  redis.call('HSET', mail_key(seq), 'body_kept', 0)
  redis.call('ZREM', P .. 'bodied:' .. field(mail_key(seq), 'state'), seq)
end

local function remove_delivery(seq)
  redis.call('HDEL', P .. 'delivery_ids', field(delivery_key(seq), 'id'))
  redis.call('UNLINK', delivery_key(seq), P .. 'attempts:' .. seq)
end

-- Removes a mail with everything that belongs to it, except a subject group: that one has a time of its own. Returns how many
-- claims went.
local function remove_record(seq)
  local key = mail_key(seq)
  local id, state = fields(key, 'id', 'state')
  for _, delivery in ipairs(redis.call('LRANGE', P .. 'deliveries:' .. seq, 0, -1)) do remove_delivery(delivery) end
  local claims = remove_claims(seq)
  redis.call('HDEL', P .. 'mails', id)
  for _, list in ipairs({ 'all', 'dead', 'state:' .. state, 'ended:' .. state, 'bodied:' .. state }) do
    redis.call('ZREM', P .. list, seq)
  end
  redis.call('UNLINK', key, P .. 'body:' .. seq, P .. 'deliveries:' .. seq, P .. 'events:' .. seq)
  return claims
end

local bodies = ended('bodied:', bodies_ms)
for _, seq in ipairs(bodies) do remove_body(seq) end
local records = ended('ended:', records_ms)
local groups = remove_expired_groups(most)
local claims = groups
for _, seq in ipairs(records) do claims = claims + remove_record(seq) end
local more = #bodies == most or #records == most or groups == most
return { #bodies, #records, claims, more and 1 or 0 }
