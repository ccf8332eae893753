-- The plain documents, which others write as well.

local function list_of(name) return P .. '{hist}:' .. name end

-- What a plain key holds: nothing is ''. A key of another type is a damaged document, and none of the others' business.
local function plain(name)
  local text = redis.pcall('GET', P .. name)
  if type(text) == 'table' then return '(this key holds no text)' end
  return text or ''
end

-- The newest version of a document. What differs from it was written, or taken away, by somebody else: it becomes a version.
local function look(name)
  local text, last = plain(name), newest(list_of(name))
  if text == last.text then return last end
  return push(list_of(name), EXTERNAL, text)
end
