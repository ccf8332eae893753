-- What every step of the ledger begins with. A step is one script: this text, then its own. KEYS[1] is the prefix of all keys,
-- ARGV[1] the time in milliseconds that a test build sets; empty, the server's own clock counts.
--
-- Numbers of mails, deliveries, events and leases are the time at which they were given, in milliseconds, or one more than the
-- number before: they stay below 1e14, which Lua writes out in full, and none is given twice, not even by a store that was
-- emptied or put back to an older state.

local P = KEYS[1]

local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local now = tonumber(ARGV[1]) or clock()

local LEASE_MS = 60000
local PROCESS_LANE = '*process'
local ENDED = { delivered = true, failed = true, skipped = true, dismissed = true }

-- The next number of a kind: mail, delivery, event, fence.
local function next_number(kind)
  local last = tonumber(redis.call('HGET', P .. 'meta', kind)) or 0
  local number = math.max(last + 1, clock())
  redis.call('HSET', P .. 'meta', kind, number)
  return number
end

local function mail_key(seq) return P .. 'mail:' .. seq end
local function delivery_key(seq) return P .. 'delivery:' .. seq end

-- Work is one number: twice a mail's for its processing, twice a delivery's and one for sending it. Both keep what the schedule
-- says of them in their own hash: lane, rank, due, until (of the lease; 0 while free), fence, leases.
local function work_of_mail(seq) return seq * 2 end
local function work_of_delivery(seq) return seq * 2 + 1 end
local function is_delivery(work) return work % 2 == 1 end
local function seq_of(work) return math.floor(work / 2) end
local function row_of(work)
  if is_delivery(work) then return delivery_key(seq_of(work)) end
  return mail_key(seq_of(work))
end

-- Members of equal score stand in the order of their text: all have the same length.
local function member(work) return string.format('%016d', work) end

local function field(key, name) return redis.call('HGET', key, name) or nil end

-- fields(key, 'a', 'b') gives a and b, nil where there is none.
local function fields(key, ...)
  local values = redis.call('HMGET', key, ...)
  for n = 1, #values do values[n] = values[n] or nil end
  return unpack(values, 1, select('#', ...))
end

-- Sets fields given by name; the empty word '' takes one away.
local function set(key, values)
  for name, value in pairs(values) do
    if value == '' then redis.call('HDEL', key, name) else redis.call('HSET', key, name, value) end
  end
end

-- Events --------------------------------------------------------------------------------------------------------------------

-- One step of a mail's life: "number time kind delivery code", 0 for no delivery.
local function event(mail, delivery, kind, code)
  local number = next_number('event')
  redis.call('RPUSH', P .. 'events:' .. mail, table.concat({ number, now, kind, delivery or 0, code }, ' '))
end

-- The schedule --------------------------------------------------------------------------------------------------------------
--   due:<lane>:<rank>  free work by due time, a sorted set for each lane (processing, or a target) and priority
--   lanes              lanes with free work, by their earliest due time
--   leased             leased work by the end of its lease
--   flight             a hash: how many items of a lane are leased

local function due_key(lane, rank) return P .. 'due:' .. lane .. ':' .. rank end

local function refresh_lane(lane)
  local earliest
  for rank = 0, 2 do
    local head = redis.call('ZRANGE', due_key(lane, rank), 0, 0, 'WITHSCORES')
    local due = tonumber(head[2])
    if due and (not earliest or due < earliest) then earliest = due end
  end
  if earliest then redis.call('ZADD', P .. 'lanes', earliest, lane) else redis.call('ZREM', P .. 'lanes', lane) end
end

local function leave_flight(lane)
  if redis.call('HINCRBY', P .. 'flight', lane, -1) <= 0 then redis.call('HDEL', P .. 'flight', lane) end
end

local function in_flight(lane) return tonumber(redis.call('HGET', P .. 'flight', lane)) or 0 end

-- Takes work off the schedule, free or leased. Whoever held it is stale.
local function unschedule(work)
  local row = row_of(work)
  local lane, rank = fields(row, 'lane', 'rank')
  if not lane then return end
  if redis.call('ZREM', due_key(lane, rank), member(work)) == 1 then refresh_lane(lane) end
  if redis.call('ZREM', P .. 'leased', member(work)) == 1 then leave_flight(lane) end
  redis.call('HDEL', row, 'lane', 'rank', 'due', 'until', 'fence', 'leases')
end

-- Puts work on the schedule, free and due at a time; it stands there once, and whoever held it is stale.
local function schedule(work, lane, rank, due)
  unschedule(work)
  redis.call('HSET', row_of(work), 'lane', lane, 'rank', rank, 'due', due, 'until', 0, 'fence', 0, 'leases', 0)
  redis.call('ZADD', due_key(lane, rank), due, member(work))
  refresh_lane(lane)
end

local function schedule_mail(seq, due) schedule(work_of_mail(seq), PROCESS_LANE, 1, due) end

local function schedule_delivery(seq, due)
  local target, priority = fields(delivery_key(seq), 'target', 'priority')
  schedule(work_of_delivery(seq), target, priority, due)
end

-- Marks free work leased, under a new fencing number, which it returns.
local function take_lease(work)
  local row = row_of(work)
  local lane, rank = fields(row, 'lane', 'rank')
  local fence = next_number('fence')
  redis.call('ZREM', due_key(lane, rank), member(work))
  refresh_lane(lane)
  redis.call('ZADD', P .. 'leased', now + LEASE_MS, member(work))
  redis.call('HINCRBY', P .. 'flight', lane, 1)
  redis.call('HSET', row, 'until', now + LEASE_MS, 'fence', fence)
  redis.call('HINCRBY', row, 'leases', 1)
  return fence
end

-- Whether a token still holds its lease. A lease that ran out but was given to nobody else is still good.
local function holds(work, fence)
  return tonumber(fence) > 0 and tonumber(field(row_of(work), 'fence')) == tonumber(fence)
end

-- Mails ---------------------------------------------------------------------------------------------------------------------
--   mail:<seq>, body:<seq>, mails (id to seq), all (seqs), state:<state> (seqs), dead (seqs of mails with a dead letter)
--   ended:<state>      mails of an end state by the time they ended; bodied:<state> those of them that still have their body
--   waiting:<reason>   mails that wait as a whole, by the time they were held

-- Moves a mail to a state, with all that is listed by state. `reason` and `hold_until` may be nil.
local function set_mail_state(seq, state, reason, hold_until)
  local key = mail_key(seq)
  local old, old_reason, kept = fields(key, 'state', 'reason', 'body_kept')
  if old then
    redis.call('ZREM', P .. 'state:' .. old, seq)
    if ENDED[old] then
      redis.call('ZREM', P .. 'ended:' .. old, seq)
      redis.call('ZREM', P .. 'bodied:' .. old, seq)
    end
    if old == 'held' and old_reason then redis.call('ZREM', P .. 'waiting:' .. old_reason, seq) end
  end
  redis.call('ZADD', P .. 'state:' .. state, seq, seq)
  set(key, { state = state, reason = reason or '', hold_until = hold_until or '', ended_at = ENDED[state] and now or '' })
  if ENDED[state] then
    redis.call('ZADD', P .. 'ended:' .. state, now, seq)
    if kept == '1' then redis.call('ZADD', P .. 'bodied:' .. state, now, seq) end
  end
  redis.call('PERSIST', P .. 'body:' .. seq)
end

-- Ends a mail that has no deliveries.
local function end_mail(seq, state, code)
  set_mail_state(seq, state, code, nil)
  event(seq, nil, 'ended', code)
end

-- Makes a whole mail wait; `until_ms` may be nil.
local function hold_mail(seq, reason, until_ms)
  set_mail_state(seq, 'held', reason, until_ms)
  redis.call('HSET', mail_key(seq), 'held_at', now)
  redis.call('ZADD', P .. 'waiting:' .. reason, now, seq)
  if until_ms then schedule_mail(seq, until_ms) end
  event(seq, nil, 'held', reason)
end

-- Deliveries ----------------------------------------------------------------------------------------------------------------
--   delivery:<seq>, deliveries:<mail> (a list of seqs), delivery_ids (id to seq)
--   held:<reason>           held deliveries by the time they were held
--   held_for:<target>       those of them that wait because their target is disabled
--   attempts:<delivery>     a list of "fence stale json"; attempted: all of the last hours by the time they began
--   disabled                a hash: disabled targets, with the code that disabled them

-- What a mail with these deliveries is: as far as its slowest. Returns its state, and the first delivery in that very state.
local ORDER = { 'retrying', 'queued', 'held', 'failed', 'delivered' }

-- Derives a mail's state from its deliveries, with the reason of the one that decides it.
local function refresh_mail(mail)
  local first, any_failed = {}, false
  for _, seq in ipairs(redis.call('LRANGE', P .. 'deliveries:' .. mail, 0, -1)) do
    local state = field(delivery_key(seq), 'state')
    first[state] = first[state] or seq
    any_failed = any_failed or state == 'failed'
  end
  local own
  for _, state in ipairs(ORDER) do
    if first[state] then own = own or state end
  end
  own = own or 'dismissed'
  local reason, hold_until
  -- A mail whose deliveries are queued is `delivering`, which no delivery is: then nothing decides its reason.
  if own ~= 'queued' and first[own] then reason, hold_until = fields(delivery_key(first[own]), 'reason', 'hold_until') end
  set_mail_state(mail, own == 'queued' and 'delivering' or own, reason, hold_until)
  if any_failed then redis.call('ZADD', P .. 'dead', mail, mail) else redis.call('ZREM', P .. 'dead', mail) end
end

-- Moves a delivery to a state, with all that is listed by state. Its mail is refreshed by the caller.
local function set_delivery_state(seq, state, reason, hold_until)
  local key = delivery_key(seq)
  local old, old_reason, target = fields(key, 'state', 'reason', 'target')
  if old == 'held' and old_reason then
    redis.call('ZREM', P .. 'held:' .. old_reason, seq)
    redis.call('ZREM', P .. 'held_for:' .. target, seq)
  end
  set(key, { state = state, reason = reason or '', hold_until = hold_until or '', ended_at = ENDED[state] and now or '' })
end

-- Makes a delivery wait, using no attempt. `until_ms` may be nil.
local function hold_delivery(seq, reason, until_ms)
  local key = delivery_key(seq)
  local mail, state, old_reason, target = fields(key, 'mail', 'state', 'reason', 'target')
  local again = state == 'held' and old_reason == reason
  set_delivery_state(seq, 'held', reason, until_ms)
  redis.call('HSET', key, 'held_at', now)
  redis.call('ZADD', P .. 'held:' .. reason, now, seq)
  if reason == 'target_disabled' then redis.call('ZADD', P .. 'held_for:' .. target, now, seq) end
  if until_ms then schedule_delivery(seq, until_ms) else unschedule(work_of_delivery(seq)) end
  -- Going on waiting is no news: behind an hourly limit a backlog is looked at with each place that is free.
  if not again then event(mail, seq, 'held', reason) end
  refresh_mail(mail)
end

-- Brings a delivery to an end state.
local function end_delivery(seq, state, code)
  set_delivery_state(seq, state, code, nil)
  unschedule(work_of_delivery(seq))
  local mail = field(delivery_key(seq), 'mail')
  event(mail, seq, 'ended', code)
  refresh_mail(mail)
end
