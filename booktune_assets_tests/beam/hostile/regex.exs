# A pattern that tries every way to split a text of fifty letters.
IO.inspect(Regex.run(~r/^(a+)+$/, String.duplicate("a", 50) <> "!"))
IO.puts("tried")
