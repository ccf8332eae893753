-- What the steps that change deliveries have in common; it stands between the prelude and the step.
--   held:<reason>           held deliveries by the time they were held
--   held_for:<target>       those of them that wait because their target is disabled
--   attempts:<delivery>     a list of "fence stale json"; attempted: all of the last hours by the time they began
--   disabled                a hash: disabled targets, with the code that disabled them

-- A mail is as far as its slowest delivery. `queued` deliveries make a mail `delivering`, which no delivery is: then nothing
-- decides its reason.
local ORDER = { 'retrying', 'queued', 'held', 'failed', 'delivered' }

-- Derives a mail's state from its deliveries, with the reason of the first that decides it.
local function refresh_mail(seq)
  local row = mail(seq)
  if not row then return end
  local first = {}
  for own in string.gmatch(row.deliveries or '', '%d+') do
    local one = delivery(own)
    if one and one.state and not first[one.state] then first[one.state] = one end
  end
  row.dead = first.failed and '1' or nil
  for _, state in ipairs(ORDER) do
    local one = first[state]
    if one then
      if state == 'queued' then return set_mail_state(row, 'delivering', nil, nil) end
      return set_mail_state(row, state, one.reason, one.hold_until)
    end
  end
  local dismissed = first.dismissed or {}
  set_mail_state(row, 'dismissed', dismissed.reason, dismissed.hold_until)
end

-- Makes a delivery wait, using no attempt. `hold_until` (text) may be nil.
local function hold_delivery(row, reason, hold_until)
  -- Going on waiting is no news: behind an hourly limit a backlog is looked at with each place that is free.
  if not (row.state == 'held' and row.reason == reason) then event(row.mail, row.seq, 'held', reason) end
  row.state, row.reason, row.hold_until, row.held_at = 'held', reason, hold_until, now_text
  if hold_until then schedule(row, hold_until) else unschedule(row) end
  refresh_mail(row.mail)
end

-- Brings a delivery to an end state.
local function end_delivery(row, state, code)
  row.state, row.reason, row.hold_until, row.ended_at = state, code, nil, now_text
  unschedule(row)
  event(row.mail, row.seq, 'ended', code)
  refresh_mail(row.mail)
end

-- The hourly limit: counted once a step, and from then on what the step leases.
local HOUR_MS = 3600000
local places, place_again -- places left in this hour; when the next attempt is allowed

local function count_places(limit)
  local hour_ago = '(' .. text(now - HOUR_MS)
  local leased = 0
  for _, count in ipairs(call('HVALS', P .. 'flight')) do leased = leased + count end
  for _, change in pairs(flight_change) do leased = leased + change end
  places = limit - call('ZCOUNT', P .. 'attempted', hour_ago, '+inf') - leased
  local oldest = call('ZRANGEBYSCORE', P .. 'attempted', hour_ago, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  place_again = text(oldest[2] and oldest[2] + HOUR_MS or now + LEASE_MS)
end

-- Holds a delivery whose target is disabled, or that is over the hourly limit (a number, or nil for none). One that is not held
-- has a place that the caller takes.
local function hold_if_barred(row, hourly)
  if call('HEXISTS', P .. 'disabled', row.target) == 1 then
    hold_delivery(row, 'target_disabled', nil)
    return true
  end
  if not hourly then return false end
  if not places then count_places(hourly) end
  if places <= 0 then
    hold_delivery(row, 'rate_limited', place_again)
    return true
  end
  places = places - 1
  return false
end

-- A delivery as a worker gets it.
local function job_of(row)
  return { row.id, row.target, row.priority, row.failures or '0', row.released or false, call('GET', P .. 'job:' .. row.seq) }
end

-- Puts off an item that does not read: one damaged row must not stop all other work.
local function put_off(row, pause)
  local until_then = text(now + pause)
  schedule(row, until_then)
  if row.mail then hold_delivery(row, 'store_corrupt', until_then) else hold_mail(row, 'store_corrupt', until_then) end
end
