# Writes to descriptor 2 without end, past every process that could count.
port = Port.open({:fd, 0, 2}, [:out, :binary])
line = String.duplicate("x", 4000)
flood = fn flood ->
  Port.command(port, line)
  flood.(flood)
end
flood.(flood)
