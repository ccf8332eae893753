-- What is shown of a mail. It stands between the prelude and the text of the steps that show mails.
local function summary(seq)
  local row = redis.call('HMGET', mail_key(seq), 'id', 'email_id', 'accepted_at', 'sender', 'subject', 'body_bytes', 'state',
    'reason', 'detector', 'hold_until', 'ended_at', 'message_id')
  row[#row + 1] = seq
  return row
end
