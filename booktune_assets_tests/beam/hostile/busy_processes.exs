# Many processes that never end, and a parent that waits.
for _ <- 1..1000, do: spawn(fn -> Stream.iterate(0, &(&1 + 1)) |> Stream.run() end)
Process.sleep(:infinity)
