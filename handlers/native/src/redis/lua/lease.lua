-- Handing out due work: the most urgent, as far as the caps allow.

local most, per_target, hourly = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local most_leases, most_bytes, pause = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])

-- Leases that ran out and are looked at in one call; the others come with the next, which is said to be due.
local EXPIRED_PAGE = 500

local function cap_of(lane) return lane == PROCESS_LANE and math.huge or per_target end

-- Counts what is in flight anew.
local function count_flight()
  call('DEL', P .. 'flight')
  flight = {}
  for _, seq in ipairs(call('ZRANGE', P .. 'leased', 0, -1)) do
    local row = work_row(seq)
    if row and row.lane ~= PROCESS_LANE then call('HINCRBY', P .. 'flight', row.lane, 1) end
  end
end

-- Makes what no holder came back for free again. Its last holder is good until another is found.
local function free_expired()
  local wrong = false
  for _, seq in ipairs(call('ZRANGEBYSCORE', P .. 'leased', '-inf', now_text, 'LIMIT', 0, EXPIRED_PAGE)) do
    local row = work_row(seq)
    if row and is_leased(row) then
      change_flight(row.lane, -1)
      row.lease_end = '0'
    else
      -- A row that somebody removed: its place would be taken for ever.
      call('ZREM', P .. 'leased', seq)
      wrong = true
    end
  end
  flush()
  if wrong then count_flight() end
end

local function ranks_of(lane) return lane == PROCESS_LANE and { 1 } or { 0, 1, 2 } end

-- The due items that the caps allow, the most urgent first; of a lane, no more than `most`.
local function candidates()
  local found = {}
  for _, lane in ipairs(call('ZRANGEBYSCORE', P .. 'lanes', '-inf', now_text)) do
    local room = math.min(most, cap_of(lane) - in_flight(lane))
    if room > 0 then
      local of_lane = 0
      for _, rank in ipairs(ranks_of(lane)) do
        -- A more urgent item of the lane takes its place first.
        if of_lane < room then
          local due =
            call('ZRANGEBYSCORE', due_key(lane, rank), '-inf', now_text, 'WITHSCORES', 'LIMIT', 0, room - of_lane)
          for n = 1, #due, 2 do
            of_lane = of_lane + 1
            found[#found + 1] = { seq = due[n], due = tonumber(due[n + 1]), rank = rank, lane = lane }
          end
        end
      end
    end
  end
  table.sort(found, function(a, b)
    if a.rank ~= b.rank then return a.rank < b.rank end
    if a.due ~= b.due then return a.due < b.due end
    return a.seq < b.seq
  end)
  return found
end

-- A held item whose time has come is held no more.
local function wake(row)
  if row.state ~= 'held' then return end
  row.state, row.reason, row.hold_until, row.released = 'queued', nil, nil, row.released or 'due'
  event(row.mail or row.seq, row.mail and row.seq, 'released', 'due')
  if row.mail then refresh_mail(row.mail) end
end

local function give_up(row)
  if not row.mail then
    unschedule(row)
    return hold_mail(row, 'given_up', nil)
  end
  hold_delivery(row, 'given_up', nil)
end

local bytes, answer = 0, {}

-- Leases one item, unless it is put on hold instead or does not fit the batch.
local function lease(item)
  local row = work_row(item.seq)
  local its_mail = row.mail and mail(row.mail) or row
  local size = tonumber(its_mail.body_bytes)
  if bytes > 0 and bytes + size > most_bytes then return end
  if (tonumber(row.leases) or 0) >= most_leases then return give_up(row) end
  if row.mail and hold_if_barred(row, hourly) then return end
  -- What can fail comes first: until here nothing has changed.
  local head, body = unpack(call('MGET', P .. 'head:' .. its_mail.seq, P .. 'body:' .. its_mail.seq))
  assert(head and body and #body == size, 'a mail is not whole')
  local job = row.mail and job_of(row)
  take_lease(row)
  wake(row)
  if job then job[5] = row.released or false end
  bytes = bytes + size
  answer[#answer + 1] =
    { row.seq, row.fence, row.mail and 1 or 0, head, body, its_mail.message_id or false, its_mail.thread_id or false,
      its_mail.released or false, job }
end

-- Puts off an item that does not read, so that it is in nobody's way.
local function put_off_item(item)
  local row = work_row(item.seq)
  if row then return put_off(row, pause) end
  call('ZADD', due_key(item.lane, item.rank), text(now + pause), item.seq)
end

-- The earliest due time of a lane, which `lanes` only bounds from below.
local function true_head(lane, bound)
  local earliest
  for _, rank in ipairs(ranks_of(lane)) do
    local due = tonumber(call('ZRANGE', due_key(lane, rank), 0, 0, 'WITHSCORES')[2])
    if due and (not earliest or due < earliest) then earliest = due end
  end
  if not earliest then
    call('ZREM', P .. 'lanes', lane)
  elseif earliest ~= bound then
    call('ZADD', P .. 'lanes', text(earliest), lane)
  end
  return earliest
end

-- The earliest end of a lease, or due time of free work that the caps allow; and whether due work waits behind a full cap.
-- Counting the due time of what waits for a place would have the caller ask again and again for what it cannot get.
local function next_due()
  local earliest = tonumber(call('ZRANGE', P .. 'leased', 0, 0, 'WITHSCORES')[2])
  -- Nothing is leased: whatever the count says (a store put together by hand), it is wrong.
  if not earliest then call('DEL', P .. 'flight') end
  local capped = false
  local lanes = call('ZRANGE', P .. 'lanes', 0, -1, 'WITHSCORES')
  for n = 1, #lanes, 2 do
    local lane, bound = lanes[n], tonumber(lanes[n + 1])
    if bound > now and earliest and bound >= earliest then break end
    local full = in_flight(lane) >= cap_of(lane)
    -- Of the lanes behind a full cap one tells all that there is to know.
    local due = not (full and capped) and true_head(lane, bound)
    if due and full then
      capped = due <= now
    elseif due and (not earliest or due < earliest) then
      earliest = due
    end
  end
  return earliest, capped
end

free_expired()
local found = candidates()
for n = 1, math.min(#found, most) do
  if not pcall(lease, found[n]) then pcall(put_off_item, found[n]) end
end
flush()
local due, capped = next_due()
local known_schema, version = call('HEXISTS', P .. 'meta', 'schema'), call('GET', KEYS[2])
return { answer, now + LEASE_MS, due and text(due) or false, capped and 1 or 0, version or '0', known_schema }
