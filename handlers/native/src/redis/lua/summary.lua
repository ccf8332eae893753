-- What is shown of a mail; it stands between the prelude and the step.
local function summary(seq)
  local row = call('HMGET', P .. 'mail:' .. seq, 'state', 'reason', 'detector', 'hold_until', 'ended_at', 'message_id')
  row[7], row[8] = seq, call('GET', P .. 'head:' .. seq)
  return row
end

