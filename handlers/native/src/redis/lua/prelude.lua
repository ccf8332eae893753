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

-- What a newer server has changed beyond what this one understands is left alone.
if (tonumber(call('HGET', P .. 'meta', 'oldest_reader') or 0) or 0) > SCHEMA then return redis.error_reply('NEWER the ledger is beyond this server') end

local LEASE_MS = 60000
local END_STATES = { 'delivered', 'failed', 'skipped', 'dismissed' }
local ENDED = { delivered = true, failed = true, skipped = true, dismissed = true }

-- A whole number as text: Lua's own way rounds beyond 14 digits. It costs as much as a small command: what is asked for often is
-- made once.
local format = string.format
local function text(number) return format('%.0f', number) end
local now_text = text(now)

-- Numbers -------------------------------------------------------------------------------------------------------------------
-- Mails, deliveries, events and leases draw from one sequence: the time in microseconds, or one more than the number before. So
-- none is given twice, not even by a store that was emptied or put back to an older state. A mail's number is even, a delivery's
-- odd: the number of a row is the number of its work. All are kept as text of 16 digits, whose order is theirs.

local last, first_number, bodies_kept

-- What a step needs of `meta`: the number given last, and how long the settings keep bodies ('' when that is not known).
local function read_meta()
  local found = call('HMGET', P .. 'meta', 'number', 'bodies_ms')
  last, bodies_kept = tonumber(found[1] or 0) or 0, found[2] or ''
  first_number = last
end

local function next_number()
  if not last then read_meta() end
  last = last < micros and micros or last + 1
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

-- The first three of each may be empty texts; of the others the empty text says that there is none.
local MAIL = { 'id', 'message_id', 'thread_id', 'state', 'reason', 'detector', 'released', 'held_at', 'hold_until', 'ended_at',
  'body_bytes', 'body_kept', 'deliveries', 'dead', 'due', 'lease_end', 'fence', 'leases' }
local DELIVERY = { 'id', 'mail', 'target', 'priority', 'state', 'reason', 'released', 'failures', 'held_at', 'hold_until',
  'ended_at', 'due', 'lease_end', 'fence', 'leases' }

local rows = {} -- those read or made in this step, by seq

-- A row as it is kept: its fields, and under `was` what is written of them.
local function row_of(seq, key, names, values)
  local was = {}
  local row = { seq = seq, key = key, names = names, was = was }
  for n = 1, #values do
    local value = values[n]
    if value and (value ~= '' or n <= 3) then
      local name = names[n]
      row[name], was[name] = value, value
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

local function as_delivery(row)
  row.lane, row.rank = lane_of(row.target), row.priority
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
  return values[3] and as_delivery(row_of(seq, key, DELIVERY, values)) or nil
end

local function new_mail(seq) return as_mail(row_of(seq, P .. 'mail:' .. seq, MAIL, {})) end

local function new_delivery(seq, target, priority)
  local row = row_of(seq, P .. 'delivery:' .. seq, DELIVERY, {})
  row.target, row.priority = target, priority
  return as_delivery(row)
end

local function work_row(work)
  if is_delivery(work) then return delivery(work) end
  return mail(work)
end

-- Events --------------------------------------------------------------------------------------------------------------------
--   events:<mail>   a list of "number time kind delivery code", '-' for no delivery

local events = {} -- of this step, by mail

local function event(mail_seq, delivery_seq, kind, code)
  local entry = next_number() .. ' ' .. now_text .. ' ' .. kind .. ' ' .. (delivery_seq or '-') .. ' ' .. code
  local of_mail = events[mail_seq]
  if of_mail then of_mail[#of_mail + 1] = entry else events[mail_seq] = { entry } end
end

-- The schedule --------------------------------------------------------------------------------------------------------------
--   due:<lane>:<rank>  free work by due time, for each lane (processing, or a target) and priority (0 high, 1 normal, 2 low)
--   lanes              lanes with free work, by a time that is no later than their earliest due time
--   leased             leased work by the end of its lease
--   flight             a hash: how many deliveries of a target's lane are leased; processing has no cap and is not counted

local function due_key(lane, rank) return P .. 'due:' .. lane .. ':' .. rank end

local flight, flight_change = {}, {}

-- How many deliveries of a lane are leased, counting what this step has changed.
local function in_flight(lane)
  if lane == PROCESS_LANE then return 0 end
  if not flight[lane] then flight[lane] = tonumber(call('HGET', P .. 'flight', lane) or 0) end
  return flight[lane] + (flight_change[lane] or 0)
end

local function change_flight(lane, by)
  if lane ~= PROCESS_LANE then flight_change[lane] = (flight_change[lane] or 0) + by end
end

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

local lease_end
local function lease_end_text()
  lease_end = lease_end or text(now + LEASE_MS)
  return lease_end
end

-- Marks free work leased, under a new fencing number.
local function take_lease(row)
  change_flight(row.lane, 1)
  row.lease_end, row.fence = lease_end_text(), next_number()
  row.leases = tostring((tonumber(row.leases) or 0) + 1)
end

-- Mails ---------------------------------------------------------------------------------------------------------------------
--   all                every mail; state:<state>, those that stand there; dead, those with a dead letter: all by seq
--   ended:<state>      mails of an end state by the time they ended; bodied:<state> those of them that still have their body
--   waiting:<reason>   mails that wait as a whole, by the time they were held

-- The bodies of mails that ended expire by themselves, should no sweep come by: a day after one would have removed them. How
-- long the settings keep bodies stands in `meta` as `bodies_ms`; as long as it does not, none expires.
local DAY_MS = 86400000
local DEAD_LETTER_MS = 90 * DAY_MS

local function expire_body(seq, state, ended_at)
  if not bodies_kept then read_meta() end
  if bodies_kept == '' then return end
  local kept = tonumber(bodies_kept)
  if state == 'failed' then kept = math.max(kept, DEAD_LETTER_MS) end
  call('PEXPIRE', P .. 'body:' .. seq, text(math.max(ended_at + kept - now, 0) + DAY_MS))
end

-- Moves a mail to a state. `reason` and `hold_until` may be nil.
local function set_mail_state(row, state, reason, hold_until)
  row.state, row.reason, row.hold_until = state, reason, hold_until
  row.ended_at = ENDED[state] and now_text or nil
end

-- Ends a mail that has no deliveries.
local function end_mail(row, state, code)
  set_mail_state(row, state, code, nil)
  event(row.seq, nil, 'ended', code)
end

-- Makes a whole mail wait; `hold_until` (text) may be nil.
local function hold_mail(row, reason, hold_until)
  set_mail_state(row, 'held', reason, hold_until)
  row.held_at = now_text
  if hold_until then schedule(row, hold_until) end
  event(row.seq, nil, 'held', reason)
end
