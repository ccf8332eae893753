-- Puts off leased work that the server's own code could not read. ARGV: work, fence, for how long in milliseconds.
local row = work_row(ARGV[2])
if row and holds(row, ARGV[3]) then put_off(row, tonumber(ARGV[4])) end
return 1
