-- Replaces a document. ARGV: time, name, the version it was made from ('' for any), author, text. Answers the new version
-- and its time, or the present one without a time when it is not the one expected.

local name, expected, author, text = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local last = look(name)
if expected ~= '' and expected ~= string.format('%.0f', known(last)) then return { known(last), false } end
redis.call('SET', P .. name, text)
return { push(list_of(name), author, text).number, now }
