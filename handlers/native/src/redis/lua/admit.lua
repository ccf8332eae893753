-- Taking a mail, unless it is known.
--   claim:message:<message_id>           the seq of the mail that is known by it; '-' for one that a predecessor took
--   claim:content:<email_id>:<digest>    the seq, and ' bare' while its mail has no message_id
--   learned:<email_id>                   the message_id that a predecessor's mark has learned
--   groups                               subject groups by the time they may be taken again

local verdict, reason, group, group_ends, dedup, decided_under, full = unpack(ARGV, 2, 8)
local id, email_id, digest, source, head, body, body_bytes = unpack(ARGV, 9, 15)
local message_id = ARGV[16] == '1' and ARGV[17] or nil
local thread_id = ARGV[18] == '1' and ARGV[19] or nil
local marks = ARGV[20]

local CLAIM_MS = 30 * 86400000

local content_key = P .. 'claim:content:' .. email_id .. ':' .. digest
local message_key = P .. 'claim:message:' .. (message_id or '')
local mark_key = marks .. 'processed_email:' .. email_id
local learned_key = P .. 'learned:' .. email_id

local function known(row) return { 'known', row.id, ENDED[row.state] and 1 or 0 } end

-- The mail that holds a claim, and whether the claim is bare. The claims of a mail that ended 30 days ago are over.
local function holder(key, claim)
  if not claim then return nil end
  local seq, bare = string.match(claim, '^(%d+)(.*)$')
  local row = seq and mail(seq)
  if not row then return nil end
  if row.ended_at and tonumber(row.ended_at) <= now - CLAIM_MS then
    call('DEL', key)
    return nil
  end
  return row, bare ~= ''
end

-- A repeat teaches a bare claim its message_id.
local function learn(row)
  call('MSET', content_key, row.seq, message_key, row.seq)
  row.message_id, row.thread_id = message_id, row.thread_id or thread_id
end

-- A predecessor's mark is a bare claim on the email_id alone, for as long as it lasts. What it learns is ours to keep: the mark
-- itself is never written. Returns whether the mail is one that it stands for.
local function marked(learned)
  if not message_id or learned == message_id then return true end
  if learned then return false end
  local left = call('PTTL', mark_key)
  if left <= 0 then left = CLAIM_MS end
  call('SET', learned_key, message_id, 'PX', left)
  call('SET', message_key, '-', 'PX', left)
  return true
end

-- Writes the mail. What an older mail still holds stays with it.
local function insert(content_held)
  local seq = next_mail()
  local row = new_mail(seq)
  row.id, row.message_id, row.thread_id = id, message_id, thread_id
  row.state, row.body_bytes, row.body_kept = 'queued', body_bytes, '1'
  local pairs_of = { P .. 'head:' .. seq, head, P .. 'body:' .. seq, body, P .. 'mail_id:' .. id, seq }
  local function put(key, value)
    pairs_of[#pairs_of + 1] = key
    pairs_of[#pairs_of + 1] = value
  end
  if dedup == '1' and message_id then put(message_key, seq) end
  if dedup == '1' and not content_held then put(content_key, message_id and seq or seq .. ' bare') end
  call('MSET', unpack(pairs_of))
  event(seq, nil, 'received', source)
  return row
end

-- Claims the subject group. Returns whether it was free.
local function claim_group()
  local taken_until = call('ZSCORE', P .. 'groups', group)
  if taken_until and tonumber(taken_until) > now then return false end
  call('ZADD', P .. 'groups', group_ends, group)
  return true
end

local version, in_flight_mark, content_held
if dedup == '1' then
  local found = call('MGET', KEYS[2], content_key, message_key, mark_key, learned_key, marks .. 'inflight_email:' .. email_id)
  local by_content, bare = holder(content_key, found[2])
  version, in_flight_mark, content_held = found[1], found[6], by_content ~= nil
  if message_id then
    if found[3] == '-' then return { 'elsewhere' } end
    local by_message = holder(message_key, found[3])
    if by_message then return known(by_message) end
    if bare then
      learn(by_content)
      return known(by_content)
    end
  elseif by_content then
    return known(by_content)
  end
  if found[4] and marked(found[5]) then return { 'elsewhere' } end
else
  version = call('GET', KEYS[2])
end

if tonumber(version or 0) ~= tonumber(decided_under) then return { 'stale', version or '0' } end
if verdict == 'refuse' then return { 'refused' } end
if in_flight_mark then return { 'in_flight' } end
if full == '1' then return { 'full' } end

local row = insert(content_held)
if verdict == 'skip' then
  end_mail(row, 'skipped', reason)
  return { 'skipped', reason }
end
if group_ends ~= '' and not claim_group() then
  end_mail(row, 'skipped', 'subject_group_repeat')
  return { 'skipped', 'subject_group_repeat' }
end
schedule(row, now_text)
return { 'queued' }
