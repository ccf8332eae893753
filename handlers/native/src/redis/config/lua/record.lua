-- Adds a version. ARGV: time, name, the number of the newest version that the caller saw, its token ('' for a reader, that only
-- records while nobody writes), author, text. Answers whether it was added, the version of the whole, and the newest version.

local name, seen, token, author, text = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local last = newest(list_of(name))
local holder = redis.call('GET', writing(name)) or ''
if holder ~= token or seen ~= string.format('%.0f', last.number) then return { 0, whole(), answer(name, last) } end
local pushed = push(list_of(name), author, text)
return { 1, whole(), answer(name, pushed) }
