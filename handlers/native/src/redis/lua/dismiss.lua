-- Closes for good what of a mail is held or has failed. ARGV: the mail's id. Returns how many items there were.
local mails, held, failed = held_of_mail(ARGV[2])
for _, seq in ipairs(mails) do
  unschedule(mail(seq))
  end_mail(mail(seq), 'dismissed', 'dismissed')
end
for _, seq in ipairs(held) do end_delivery(delivery(seq), 'dismissed', 'dismissed') end
for _, seq in ipairs(failed) do end_delivery(delivery(seq), 'dismissed', 'dismissed') end
return #mails + #held + #failed
