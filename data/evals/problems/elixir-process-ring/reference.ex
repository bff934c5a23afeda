defmodule Ring do
  def pass(n, hops) do
    ring = make(Enum.to_list(1..n))
    send(hd(ring), {:token, hops, []})

    receive do
      {:seen, seen} ->
        finish(ring)
        Enum.reverse(seen)
    end
  end

  def sum([]), do: {0, []}

  def sum(numbers) do
    ring = make(numbers)
    send(hd(ring), {:add, length(numbers), 0})

    receive do
      {:sum, sum} ->
        finish(ring)
        {sum, ring}
    end
  end

  defp make(values) do
    caller = self()
    ring = for value <- values, do: spawn(fn -> wait(caller, value) end)

    ring
    |> Enum.zip(tl(ring) ++ [hd(ring)])
    |> Enum.each(fn {pid, next} -> send(pid, {:next, next}) end)

    ring
  end

  defp wait(caller, value) do
    receive do
      {:next, next} -> loop(caller, value, next)
    end
  end

  defp loop(caller, value, next) do
    receive do
      {:token, 0, seen} -> send(caller, {:seen, [value | seen]})
      {:token, hops, seen} -> send(next, {:token, hops - 1, [value | seen]})
      {:add, 1, sum} -> send(caller, {:sum, sum + value})
      {:add, left, sum} -> send(next, {:add, left - 1, sum + value})
      :stop -> exit(:normal)
    end

    loop(caller, value, next)
  end

  defp finish(ring) do
    refs = Enum.map(ring, &Process.monitor/1)
    Enum.each(ring, &send(&1, :stop))

    for ref <- refs do
      receive do
        {:DOWN, ^ref, :process, _pid, _reason} -> :ok
      end
    end
  end
end
