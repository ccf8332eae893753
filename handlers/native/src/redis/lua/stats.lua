-- Counts. ARGV: the states. Returns the mails of each, in their order; the leased items; the earliest due time of free work;
-- the disabled targets with their codes.
local counts = {}
for n = 2, #ARGV do counts[n - 1] = call('ZCARD', P .. 'state:' .. ARGV[n]) end

-- A lane's score is no later than its earliest due time: once one is later than what was found, so are all that follow.
local earliest
local lanes = call('ZRANGE', P .. 'lanes', 0, -1, 'WITHSCORES')
for n = 1, #lanes, 2 do
  if earliest and earliest <= tonumber(lanes[n + 1]) then break end
  for rank = 0, 2 do
    local due = tonumber(call('ZRANGE', due_key(lanes[n], rank), 0, 0, 'WITHSCORES')[2])
    if due and (not earliest or due < earliest) then earliest = due end
  end
end
return { counts, call('ZCARD', P .. 'leased'), earliest and text(earliest) or false, call('HGETALL', P .. 'disabled') }
