# Waits for input that never comes.
IO.inspect(IO.gets(""))
IO.puts("tried")
