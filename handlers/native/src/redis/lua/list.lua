-- A page of mails, newest first. ARGV: the list (`all`, `dead` or `state:<state>`); the id of a mail, or its number, before
-- which the page begins; at most how many; how many of the newest are looked at in all. Returns the rows, and how the page ends:
-- with `more` to come, at the `end` of the list, or at the `bound` with older mails left.
local list, before_id, before, most, bound = P .. ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])

-- A page ends early when its mails say more of themselves than this many bytes, so that no page is a burden.
local PAGE_BYTES = 262144

if before_id ~= '' then before = call('GET', P .. 'mail_id:' .. before_id) or '0' end
local from, room = '+inf', bound
if before ~= '' then from, room = '(' .. before, bound - call('ZCOUNT', list, before, '+inf') end
most = math.max(math.min(most, room), 0)

local found, bytes = {}, 0
local mails = call('ZREVRANGEBYSCORE', list, from, '-inf', 'LIMIT', 0, most + 1)
for n = 1, math.min(#mails, most) do
  if bytes > PAGE_BYTES then return { found, 'more' } end
  found[n] = summary(mails[n])
  bytes = bytes + #(found[n][8] or '')
end
if #mails <= most then return { found, 'end' } end
return { found, most == room and 'bound' or 'more' }
