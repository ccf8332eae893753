-- Extends a lease. ARGV: work, fence. One that ran out and was made free, but given to nobody, is a lease again.
local row = work_row(ARGV[2])
if not row or not holds(row, ARGV[3]) then return 0 end
if not is_leased(row) then change_flight(row.lane, 1) end
row.lease_end = lease_end_text()
return 1
