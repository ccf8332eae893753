-- Sends the failed deliveries of a mail again. ARGV: the mail's id. Returns how many there were.
local seq = call('GET', P .. 'mail_id:' .. ARGV[2])
local row = seq and mail(seq)
-- A body may have expired by itself: then nothing is left to send.
if not row or row.body_kept ~= '1' or call('EXISTS', P .. 'body:' .. seq) == 0 then return 0 end
local failed = deliveries_in(row, 'failed')
for _, own in ipairs(failed) do
  local one = delivery(own)
  one.state, one.reason, one.ended_at, one.failures, one.released = 'queued', nil, nil, nil, 'due'
  schedule(one, text(now))
  event(seq, own, 'released', 'replayed')
  refresh_mail(seq)
end
return #failed
