-- What every step ends with: its changes are written.

-- Moves a member between sorted sets that are named, or nil for none.
local function move(from, to, score, member)
  if from and from ~= to then call('ZREM', P .. from, member) end
  if to then call('ZADD', P .. to, score, member) end
end

local function save_schedule(row, was)
  if row.due == was.due and row.lease_end == was.lease_end then return end
  local queue = 'due:' .. row.lane .. ':' .. (row.rank or '1')
  local from = was.due and (was.lease_end == '0' and queue or 'leased') or nil
  local to = row.due and (row.lease_end == '0' and queue or 'leased') or nil
  move(from, to, row.lease_end == '0' and row.due or row.lease_end, row.seq)
  if to == queue then call('ZADD', P .. 'lanes', 'LT', row.due, row.lane) end
end

-- The indexes of mails. A removed mail has no state.
local function save_mail(row, was)
  local state, before = row.state, was.state
  if state ~= before then
    move(before and 'state:' .. before, state and 'state:' .. state, row.seq, row.seq)
    if not before then move(nil, 'all', row.seq, row.seq) elseif not state then move('all', nil, nil, row.seq) end
  end
  if row.ended_at ~= was.ended_at or state ~= before or row.body_kept ~= was.body_kept then
    local ended, ended_before = ENDED[state] and state, ENDED[before] and before
    move(ended_before and 'ended:' .. before, ended and 'ended:' .. state, row.ended_at, row.seq)
    local bodied, bodied_before = ended and row.body_kept and ended, ended_before and was.body_kept and before
    move(bodied_before and 'bodied:' .. before, bodied and 'bodied:' .. state, row.ended_at, row.seq)
    if ended and row.body_kept then
      expire_body(row.seq, state, row.ended_at)
    elseif ended_before and state then
      call('PERSIST', P .. 'body:' .. row.seq)
    end
  end
  local waits = state == 'held' and not row.deliveries and row.reason and 'waiting:' .. row.reason
  local waited = before == 'held' and not was.deliveries and was.reason and 'waiting:' .. was.reason
  if waits ~= waited or waits and row.held_at ~= was.held_at then move(waited, waits, row.held_at, row.seq) end
  if row.dead ~= was.dead then move(was.dead and 'dead', row.dead and 'dead', row.seq, row.seq) end
end

-- The indexes of deliveries.
local function save_delivery(row, was)
  local held = row.state == 'held' and row.reason
  local before = was.state == 'held' and was.reason
  if held == before and (not held or row.held_at == was.held_at) then return end
  move(before and 'held:' .. before, held and 'held:' .. held, row.held_at, row.seq)
  local gone, gone_before = held == 'target_disabled', before == 'target_disabled'
  move(gone_before and 'held_for:' .. was.target, gone and 'held_for:' .. row.target, row.held_at, row.seq)
end

-- Writes what changed of a row: its indexes and, in one command, its fields.
local function save(row)
  local was, changed = row.was, { 'HSET', row.key }
  local names, now_is, size = row.names, {}, 2
  for n = 1, #names do
    local name = names[n]
    local value = row[name]
    now_is[name] = value
    if value ~= was[name] then
      changed[size + 1], changed[size + 2] = name, value or ''
      size = size + 2
    end
  end
  if size == 2 then return end
  save_schedule(row, was)
  if row.names == MAIL then save_mail(row, was) else save_delivery(row, was) end
  if row.removed then call('DEL', row.key) else call(unpack(changed)) end
  row.was = now_is
end

local function save_flight(lane, change)
  if change == 0 then return end
  if flight[lane] then flight[lane] = flight[lane] + change end
  if call('HINCRBY', P .. 'flight', lane, change) <= 0 then call('HDEL', P .. 'flight', lane) end
end

-- Writes everything so far. A step that reads an index after a change calls it first; it reads its rows anew.
local function flush()
  for _, row in pairs(rows) do save(row) end
  rows = {}
  for lane, change in pairs(flight_change) do save_flight(lane, change) end
  flight_change = {}
  for seq, list in pairs(events) do call('RPUSH', P .. 'events:' .. seq, unpack(list)) end
  events = {}
  if last ~= first_number then call('HSET', P .. 'meta', 'number', text(last)) end
  first_number = last
end
