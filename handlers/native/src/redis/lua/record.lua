-- What came of a delivery. ARGV: work, fence; what is next (delivered, failed, retry, hold, gone), the reason of a hold, the time
-- of a retry or of the end of a hold; and of the attempt, if there was one, its code, when it began, and itself.

local work, fence, what, hold_reason, at, code, started_at, attempt = unpack(ARGV, 2, 9)

-- A report that is repeated, because its answer was lost, is one attempt: a lease makes one. The holder of a lease has made none.
local function is_on_record(row)
  for _, entry in ipairs(call('LRANGE', P .. 'attempts:' .. row.seq, 0, -1)) do
    if string.match(entry, '^%S+') == fence then return true end
  end
  return false
end

local function keep_attempt(row, stale)
  if stale == '1' and is_on_record(row) then return end
  call('RPUSH', P .. 'attempts:' .. row.seq, fence .. ' ' .. stale .. ' ' .. attempt)
  call('ZADD', P .. 'attempted', started_at, row.seq .. ' ' .. fence)
  event(row.mail, row.seq, 'attempt', code)
end

local function apply(row)
  local why = attempt ~= '' and code or 'failed'
  if what == 'delivered' then
    end_delivery(row, 'delivered', 'delivered')
  elseif what == 'failed' then
    end_delivery(row, 'failed', why)
  elseif what == 'retry' then
    row.state, row.reason, row.hold_until = 'retrying', why, nil
    row.failures = tostring((tonumber(row.failures) or 0) + 1)
    schedule(row, at)
    refresh_mail(row.mail)
  elseif what == 'hold' then
    hold_delivery(row, hold_reason, at ~= '' and at or nil)
  else
    call('HSETNX', P .. 'disabled', row.target, why)
    event(row.mail, row.seq, 'target_disabled', why)
    hold_delivery(row, 'target_disabled', nil)
  end
end

local row = is_delivery(work) and delivery(work)
if not row then return 0 end
local current = holds(row, fence)
if attempt ~= '' then keep_attempt(row, current and '0' or '1') end
if current then
  apply(row)
  return 1
end
-- A success ends the delivery whoever reports it; anything else from a stale holder changes no state.
if what == 'delivered' and row.state ~= 'delivered' then end_delivery(row, 'delivered', 'delivered') end
return 0
