-- What the steps about one mail have in common; it stands between deliveries.lua and the step.

-- The deliveries of a mail in a state, in their order.
local function deliveries_in(row, state)
  local found = {}
  for own in string.gmatch(row.deliveries or '', '%d+') do
    local one = delivery(own)
    if one and one.state == state then found[#found + 1] = own end
  end
  return found
end

-- What of a mail waits for somebody: the mail, when it waits as a whole, its held deliveries and its failed ones. One with
-- deliveries shows their state; only one that waits as a whole is processed again.
local function held_of_mail(id)
  local seq = call('GET', P .. 'mail_id:' .. id)
  local row = seq and mail(seq)
  if not row then return {}, {}, {} end
  local whole = row.state == 'held' and not row.deliveries
  return whole and { seq } or {}, deliveries_in(row, 'held'), deliveries_in(row, 'failed')
end
