-- What every step of the ledger begins with. A step is one script: this text, its own as the body of `step`, and `close.lua`.
-- KEYS[1] is the prefix of all keys, KEYS[2] the key of the configuration's version, ARGV[1] the time in milliseconds that a
-- test sets; empty, the server's own clock counts.
--
-- A step reads a row once, changes it in memory (`row.field = value`, nil for none), and every changed row is written once, with
-- all the indexes that hang on it, when the step is over. So nobody but `save` touches an index, and it cannot disagree.

local P = KEYS[1]
local call = redis.call

local micros = call('TIME')
micros = micros[1] * 1000000 + micros[2]
local now = tonumber(ARGV[1]) or math.floor(micros / 1000)

local LEASE_MS = 60000
local END_STATES = { 'delivered', 'failed', 'skipped', 'dismissed' }
local ENDED = { delivered = true, failed = true, skipped = true, dismissed = true }

-- A whole number as text: Lua's own way rounds beyond 14 digits.
local function text(number) return string.format('%.0f', number) end

-- Numbers -------------------------------------------------------------------------------------------------------------------
-- Mails, deliveries, events and leases draw from one sequence: the time in microseconds, or one more than the number before. So
-- none is given twice, not even by a store that was emptied or put back to an older state. A mail's number is even, a delivery's
-- odd: the number of a row is the number of its work. All are kept as text of 16 digits, whose order is theirs.

local last, first_number

local function next_number()
  if not last then
    last = tonumber(call('HGET', P .. 'meta', 'number') or 0) or 0
    first_number = last
  end
  last = math.max(last + 1, micros)
  return text(last)
end

local function next_mail()
  local number = next_number()
  return last % 2 == 0 and number or next_number()
end

local function next_delivery()
  local number = next_number()
  return last % 2 == 1 and number or next_number()
end

local function is_delivery(work) return tonumber(string.sub(work, -1)) % 2 == 1 end

-- Rows ----------------------------------------------------------------------------------------------------------------------
--   mail:<seq>, delivery:<seq>   hashes of the fields below, '' for none
--   head:<seq>, job:<seq>        what never changes of a mail and a delivery, as JSON that only the server's own code reads
--   body:<seq>                   a mail's body
--   mail_id:<id>, delivery_id:<id>  the seq
-- Both rows say where they stand on the schedule: `due` (nil: not there), `lease_end` ('0': free), `fence` (of the lease given
-- last, nil once its holder is stale), `leases` (given without an outcome).

local MAIL = { 'id', 'state', 'reason', 'detector', 'released', 'held_at', 'hold_until', 'ended_at', 'body_bytes', 'body_kept',
  'deliveries', 'dead', 'due', 'lease_end', 'fence', 'leases' }
local DELIVERY = { 'id', 'mail', 'target', 'priority', 'state', 'reason', 'released', 'failures', 'held_at', 'hold_until',
  'ended_at', 'due', 'lease_end', 'fence', 'leases' }

local rows = {} -- those read or made in this step, by seq

-- A row as it is kept: its fields, and under `was` what is written of them.
local function row_of(seq, key, names, values)
  local row = { seq = seq, key = key, names = names, was = {} }
  for n = 1, #names do
    local value = values[n]
    if value and value ~= '' then
      row[names[n]] = value
      row.was[names[n]] = value
    end
  end
  rows[seq] = row
  return row
end

-- Processing has a lane of its own, which no target's key can look like.
local PROCESS_LANE = 'p'
local function lane_of(target) return 't:' .. target end

local function as_mail(row)
  row.lane, row.rank = PROCESS_LANE, '1'
  return row
end

local function as_delivery(row, target)
  row.target, row.was.target = target, target -- which may be empty, and is still a name
  row.lane, row.rank = lane_of(target), row.priority
  return row
end

-- The mail or delivery of a number; nil when it is not there.
local function mail(seq)
  if rows[seq] then return rows[seq] end
  local key = P .. 'mail:' .. seq
  local values = call('HMGET', key, unpack(MAIL))
  return values[1] and as_mail(row_of(seq, key, MAIL, values)) or nil
end

local function delivery(seq)
  if rows[seq] then return rows[seq] end
  local key = P .. 'delivery:' .. seq
  local values = call('HMGET', key, unpack(DELIVERY))
  return values[3] and as_delivery(row_of(seq, key, DELIVERY, values), values[3]) or nil
end

local function new_mail(seq) return as_mail(row_of(seq, P .. 'mail:' .. seq, MAIL, {})) end

local function new_delivery(seq, target, priority)
  local row = row_of(seq, P .. 'delivery:' .. seq, DELIVERY, {})
  row.priority = priority
  as_delivery(row, target)
  row.was.target = nil
  return row
end

local function work_row(work)
  if is_delivery(work) then return delivery(work) end
  return mail(work)
end

-- Events --------------------------------------------------------------------------------------------------------------------
--   events:<mail>   a list of "number time kind delivery code", '-' for no delivery

local events = {} -- of this step, by mail

local function event(mail_seq, delivery_seq, kind, code)
  local of_mail = events[mail_seq]
  if not of_mail then
    of_mail = {}
    events[mail_seq] = of_mail
  end
  of_mail[#of_mail + 1] = table.concat({ next_number(), text(now), kind, delivery_seq or '-', code }, ' ')
end

-- The schedule --------------------------------------------------------------------------------------------------------------
--   due:<lane>:<rank>  free work by due time, for each lane (processing, or a target) and priority (0 high, 1 normal, 2 low)
--   lanes              lanes with free work, by a time that is no later than their earliest due time
--   leased             leased work by the end of its lease
--   flight             a hash: how many items of a lane are leased

local function due_key(lane, rank) return P .. 'due:' .. lane .. ':' .. rank end

local flight, flight_change = {}, {}

-- How many items of a lane are leased, counting what this step has changed.
local function in_flight(lane)
  if not flight[lane] then flight[lane] = tonumber(call('HGET', P .. 'flight', lane) or 0) end
  return flight[lane] + (flight_change[lane] or 0)
end

local function change_flight(lane, by) flight_change[lane] = (flight_change[lane] or 0) + by end

local function is_leased(row) return row.due ~= nil and row.lease_end ~= '0' end

-- Puts work on the schedule, free and due at a time (text); it stands there once, and whoever held it is stale.
local function schedule(row, due)
  if is_leased(row) then change_flight(row.lane, -1) end
  row.due, row.lease_end, row.fence, row.leases = due, '0', nil, nil
end

-- Takes work off the schedule, free or leased. Whoever held it is stale.
local function unschedule(row)
  if is_leased(row) then change_flight(row.lane, -1) end
  row.due, row.lease_end, row.fence, row.leases = nil, nil, nil, nil
end

-- Removes a row from the store and from every index. What else belongs to it, the caller removes.
local function remove(row)
  unschedule(row)
  for _, name in ipairs(row.names) do row[name] = nil end
  row.removed = true
end

-- Whether a token still holds its lease. A lease that ran out but was given to nobody else is still good.
local function holds(row, fence) return row.due ~= nil and row.fence == fence end

-- Marks free work leased, under a new fencing number.
local function take_lease(row)
  change_flight(row.lane, 1)
  row.lease_end, row.fence = text(now + LEASE_MS), next_number()
  row.leases = text((tonumber(row.leases) or 0) + 1)
end

-- Mails ---------------------------------------------------------------------------------------------------------------------
--   all                every mail; state:<state>, those that stand there; dead, those with a dead letter: all by seq
--   ended:<state>      mails of an end state by the time they ended; bodied:<state> those of them that still have their body
--   waiting:<reason>   mails that wait as a whole, by the time they were held

-- The bodies of mails that ended expire by themselves, should no sweep come by: a day after one would have removed them. How
-- long the settings keep bodies stands in `meta` as `bodies_ms`; as long as it does not, none expires.
local DAY_MS = 86400000
local DEAD_LETTER_MS = 90 * DAY_MS
local bodies_kept

local function expire_body(seq, state, ended_at)
  bodies_kept = bodies_kept or call('HGET', P .. 'meta', 'bodies_ms') or ''
  if bodies_kept == '' then return end
  local kept = tonumber(bodies_kept)
  if state == 'failed' then kept = math.max(kept, DEAD_LETTER_MS) end
  call('PEXPIRE', P .. 'body:' .. seq, text(math.max(ended_at + kept - now, 0) + DAY_MS))
end

-- Moves a mail to a state. `reason` and `hold_until` may be nil.
local function set_mail_state(row, state, reason, hold_until)
  row.state, row.reason, row.hold_until = state, reason, hold_until
  row.ended_at = ENDED[state] and text(now) or nil
end

-- Ends a mail that has no deliveries.
local function end_mail(row, state, code)
  set_mail_state(row, state, code, nil)
  event(row.seq, nil, 'ended', code)
end

-- Makes a whole mail wait; `hold_until` (text) may be nil.
local function hold_mail(row, reason, hold_until)
  set_mail_state(row, 'held', reason, hold_until)
  row.held_at = text(now)
  if hold_until then schedule(row, hold_until) end
  event(row.seq, nil, 'held', reason)
end
