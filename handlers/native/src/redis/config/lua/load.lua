-- Every document. ARGV: time, names. Answers the version of the whole, and the documents that there are.

local documents = {}
for n = 2, #ARGV do
  local last = look(ARGV[n])
  if last.text ~= '' then documents[#documents + 1] = answer(ARGV[n], last) end
end
return { whole(), documents }
