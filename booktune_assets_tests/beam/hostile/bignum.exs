# One number that takes minutes.
Integer.pow(7, Integer.pow(10, 9)) |> Integer.to_string() |> IO.puts()
