-- Lets held work go. ARGV: which (`mail`, `reason` or `target`); its name; the pass; for a reason, before which instant it was
-- held; at most how many mails and how many deliveries. Returns how many items were let go.
local which, name, pass, before, most = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])

local function let_go(row)
  row.reason, row.hold_until = nil, nil
  row.state = 'queued'
  -- What a person said stands, whatever comes between.
  if row.released ~= 'send_now' then row.released = pass end
  schedule(row, text(now))
end

-- Those of a list that are there. A number without a row (removed by hand) must not keep the others waiting.
local function there(list, seqs)
  local found = {}
  for _, seq in ipairs(seqs) do
    if work_row(seq) then found[#found + 1] = seq else call('ZREM', P .. list, seq) end
  end
  return found
end

-- What a list by the time of holding has from before the instant. What was held in the future was held before the clock was set
-- back.
local function held_before(list)
  local found = call('ZRANGEBYSCORE', P .. list, '-inf', '(' .. text(before), 'LIMIT', 0, most)
  local ahead = text(math.max(before, now + 1))
  for _, seq in ipairs(call('ZRANGEBYSCORE', P .. list, ahead, '+inf', 'LIMIT', 0, most - #found)) do
    found[#found + 1] = seq
  end
  table.sort(found)
  return there(list, found)
end

local mails, deliveries = {}, {}
if which == 'mail' then
  mails, deliveries = held_of_mail(name)
elseif which == 'reason' then
  mails, deliveries = held_before('waiting:' .. name), held_before('held:' .. name)
else
  call('HDEL', P .. 'disabled', name)
  deliveries = there('held_for:' .. name, call('ZRANGE', P .. 'held_for:' .. name, 0, most - 1))
end
for _, seq in ipairs(mails) do
  let_go(mail(seq))
  event(seq, nil, 'released', pass)
end
for _, seq in ipairs(deliveries) do
  local row = delivery(seq)
  let_go(row)
  event(row.mail, seq, 'released', pass)
  refresh_mail(row.mail)
end
return #mails + #deliveries
