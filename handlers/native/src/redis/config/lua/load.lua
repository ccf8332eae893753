-- Every document. ARGV: time, names. Answers the version of the whole, and the newest version of each.

local documents = {}
for n = 2, #ARGV do
  documents[n - 1] = answer(ARGV[n], look(ARGV[n]))
end
return { whole(), documents }
