-- What every step on the configuration documents begins with. KEYS[1] is their prefix, ARGV[1] the time in milliseconds that a
-- test sets; empty, the server's own clock counts.
--
--   <prefix><name>            the document as JSON text: what containers of the predecessor read and write
--   <prefix>{hist}:<name>     its versions, the newest last, at most a hundred
--   <prefix>{hist}:version    the version of the whole: max(last + 1, server time), so that an emptied store repeats none
--
-- A version is "number time bytes-of-author", a line break, the author and the text. An empty text says that the document was
-- taken away.

local P = KEYS[1]
local KEPT = 100
local EXTERNAL = 'external'

local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local now = tonumber(ARGV[1]) or clock()

local function whole() return tonumber(redis.call('GET', P .. '{hist}:version')) or 0 end

-- The newest version on a list; one of number 0 and without text when there is none.
local function newest(list)
  local entry = redis.call('LINDEX', list, -1) or ''
  local number, at, size, start = string.match(entry, '^(%d+) (%d+) (%d+)\n()')
  if not number then return { number = 0, at = 0, author = '', text = '' } end
  local stop = start + tonumber(size)
  return {
    number = tonumber(number),
    at = tonumber(at),
    author = string.sub(entry, start, stop - 1),
    text = string.sub(entry, stop),
  }
end

-- Adds a version, and makes the whole a new one. Returns the version.
local function push(list, author, text)
  local number = newest(list).number + 1
  redis.call('RPUSH', list, number .. ' ' .. now .. ' ' .. #author .. '\n' .. author .. text)
  redis.call('LTRIM', list, -KEPT, -1)
  redis.call('SET', P .. '{hist}:version', math.max(whole() + 1, clock()))
  return { number = number, at = now, author = author, text = text }
end

-- The version that a caller knows: a document that was taken away is one that does not exist.
local function known(version)
  if version.text == '' then return 0 end
  return version.number
end

-- A version as it is answered.
local function answer(name, version) return { name, version.number, version.at, version.author, version.text } end
