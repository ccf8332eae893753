-- Removes a page of what retention no longer keeps. ARGV: how long bodies, records and dead letters are kept, in milliseconds;
-- how much is a page; how long the settings keep bodies. Returns the bodies, records and claims removed, and whether there is
-- more.
local bodies_ms, records_ms, dead_ms, most = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])

-- The oldest mails of the end states that ended so long ago, state by state, so that dead letters, which stay longest, are not
-- read over and over on the way to the others.
local function ended(list, kept_ms)
  local found = {}
  for _, state in ipairs(END_STATES) do
    local until_ms = text(now - (state == 'failed' and math.max(kept_ms, dead_ms) or kept_ms))
    for _, seq in ipairs(call('ZRANGEBYSCORE', P .. list .. state, '-inf', until_ms, 'LIMIT', 0, most - #found)) do
      if mail(seq) then found[#found + 1] = seq else call('ZREM', P .. list .. state, seq) end
    end
  end
  return found
end

local function remove_body(seq)
  mail(seq).body_kept = nil
  call('DEL', P .. 'body:' .. seq)
end

-- Removes the claims that the mail itself still holds. Returns how many went.
local function remove_claims(row)
  local head, message_id = call('GET', P .. 'head:' .. row.seq), call('HGET', row.key, 'message_id')
  local claims = {}
  if head then
    head = cjson.decode(head)
    claims[1] = P .. 'claim:content:' .. head.email_id .. ':' .. head.digest
  end
  if message_id then claims[#claims + 1] = P .. 'claim:message:' .. message_id end
  local removed = 0
  for _, key in ipairs(claims) do
    local holder = string.match(call('GET', key) or '', '^%d+')
    if holder == row.seq then removed = removed + call('DEL', key) end
  end
  return removed
end

local function remove_expired_groups()
  local over = call('ZRANGEBYSCORE', P .. 'groups', '-inf', text(now), 'LIMIT', 0, most)
  for _, group in ipairs(over) do call('ZREM', P .. 'groups', group) end
  return #over
end

-- Attempts count towards the hourly limit for an hour. Returns how many were taken off its list.
local function forget_attempts()
  local over = call('ZRANGEBYSCORE', P .. 'attempted', '-inf', text(now - 2 * 3600000), 'LIMIT', 0, 500)
  if #over > 0 then call('ZREM', P .. 'attempted', unpack(over)) end
  return #over
end

-- Removes a mail with everything that belongs to it, except a subject group: that one has a time of its own. Returns how many
-- claims went.
local function remove_record(seq)
  local row = mail(seq)
  for own in string.gmatch(row.deliveries or '', '%d+') do
    local one = delivery(own)
    call('DEL', P .. 'job:' .. own, P .. 'attempts:' .. own)
    if one then
      call('DEL', P .. 'delivery_id:' .. one.id)
      remove(one)
    end
  end
  local claims = remove_claims(row)
  call('DEL', P .. 'mail_id:' .. row.id, P .. 'head:' .. seq, P .. 'body:' .. seq, P .. 'events:' .. seq)
  remove(row)
  return claims
end

-- When the settings keep bodies longer or shorter than before, those of before get their new time, page by page. Returns
-- whether there are more.
local function expire_anew(kept_ms)
  local before, cursor = unpack(call('HMGET', P .. 'meta', 'bodies_ms', 'expiring'))
  if before ~= kept_ms then
    cursor, bodies_kept = '1 +inf', kept_ms
    call('HSET', P .. 'meta', 'bodies_ms', kept_ms, 'expiring', cursor)
  end
  cursor = cursor or ''
  while cursor ~= '' do
    local at, from = string.match(cursor, '^(%d) (.+)$')
    local state, list = END_STATES[tonumber(at)], P .. 'bodied:' .. END_STATES[tonumber(at)]
    local page = call('ZREVRANGEBYSCORE', list, from, '-inf', 'WITHSCORES', 'LIMIT', 0, most)
    for n = 1, #page, 2 do expire_body(page[n], state, page[n + 1]) end
    local full = #page == most * 2
    if full then
      -- Those that ended at the same time as the last go with it: the next page begins before them.
      local last_at = page[#page]
      for _, seq in ipairs(call('ZRANGEBYSCORE', list, last_at, last_at)) do expire_body(seq, state, last_at) end
      cursor = at .. ' (' .. last_at
    else
      cursor = END_STATES[at + 1] and at + 1 .. ' +inf' or ''
    end
    call('HSET', P .. 'meta', 'expiring', cursor)
    if full then return true end
  end
  return false
end

local bodies, records = ended('bodied:', bodies_ms), ended('ended:', records_ms)
for _, seq in ipairs(bodies) do remove_body(seq) end
local groups = remove_expired_groups()
local claims = groups
for _, seq in ipairs(records) do claims = claims + remove_record(seq) end
local more = forget_attempts() == 500 or #bodies == most or #records == most or groups == most
return { #bodies, #records, claims, (expire_anew(ARGV[6]) or more) and 1 or 0 }
