-- Ending the processing of a mail. ARGV: work, fence, what (skip, hold, deliver), reason, until, detector; how many deliveries the
-- caller takes at once, how many of a target may be in flight, the hourly limit; then for each delivery its id, target, priority
-- and job.

local work, fence, what, reason, hold_until, detector = unpack(ARGV, 2, 7)
local most, per_target, hourly = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local FIRST, FIELDS = 11, 4

local function given(text_of) return text_of ~= '' and text_of or nil end

-- Writes the deliveries that are not there yet. Returns their rows, by their place in the plan.
local function insert(row)
  local id_keys, written, made = {}, {}, {}
  for n = FIRST, #ARGV, FIELDS do id_keys[#id_keys + 1] = P .. 'delivery_id:' .. ARGV[n] end
  if #id_keys == 0 then return made end
  local there = call('MGET', unpack(id_keys))
  local new_seqs = {}
  for place, key in ipairs(id_keys) do
    if not there[place] and not made[key] then
      local at = FIRST + (place - 1) * FIELDS
      local seq = next_delivery()
      local one = new_delivery(seq, ARGV[at + 1], ARGV[at + 2])
      one.id, one.mail, one.state, one.released = ARGV[at], row.seq, 'queued', row.released
      schedule(one, now_text)
      written[#written + 1], written[#written + 2] = key, seq
      written[#written + 1], written[#written + 2] = P .. 'job:' .. seq, ARGV[at + 3]
      new_seqs[#new_seqs + 1] = seq
      made[key], made[#made + 1] = true, { place = place, row = one }
    end
  end
  if #written > 0 then call('MSET', unpack(written)) end
  if row.deliveries then table.insert(new_seqs, 1, row.deliveries) end
  row.deliveries = given(table.concat(new_seqs, ' '))
  return made
end

-- Leases the new deliveries to the caller, unless a cap or their target forbids it now.
local function start(row)
  local leased = {}
  event(row.seq, nil, 'planned', 'deliveries_decided')
  for _, new in ipairs(insert(row)) do
    local one = new.row
    if #leased < most and in_flight(one.lane) < per_target and not hold_if_barred(one, hourly) then
      take_lease(one)
      leased[#leased + 1] = { new.place, one.seq, one.fence, one.released or false }
    end
  end
  refresh_mail(row.seq)
  return leased
end

-- The lease of a delivery decides nothing about a mail.
local row = not is_delivery(work) and mail(work)
if not row or not holds(row, fence) then return { 'stale' } end
row.detector = given(detector)
unschedule(row)
if what == 'deliver' then return { 'recorded', start(row) } end
if what == 'skip' then end_mail(row, 'skipped', reason) else hold_mail(row, reason, given(hold_until)) end
return { 'recorded', {} }
