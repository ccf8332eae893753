-- The versions of what an external backend holds. They lie on lists of their own, so that servers that disagree about the mode do
-- not take each other's documents for changes.
--
--   <prefix>{hist}:external:<name>    the versions
--   <prefix>{hist}:writing:<name>     who writes it now: a token, for as long as a write can take

local function list_of(name) return P .. '{hist}:external:' .. name end
local function writing(name) return P .. '{hist}:writing:' .. name end
