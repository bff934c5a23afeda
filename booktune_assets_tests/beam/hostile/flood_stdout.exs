# Writes to standard output without end.
line = String.duplicate("x", 4000)
flood = fn flood ->
  IO.puts(line)
  flood.(flood)
end
flood.(flood)
