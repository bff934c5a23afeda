defmodule Ring do
  def pass(n, hops) do
    {pids, refs} = Enum.unzip(for number <- 1..n, do: spawn_monitor(fn -> member(number) end))
    link(pids)
    send(hd(pids), {:token, hops, [], self()})

    path =
      receive do
        {:path, path} -> path
      end

    over(pids, refs)
    path
  end

  defp link([first | others] = pids) do
    for {pid, next} <- Enum.zip(pids, others ++ [first]), do: send(pid, {:next, next})
  end

  defp member(number) do
    receive do
      {:next, next} -> member(number, next)
    end
  end

  defp member(number, next) do
    receive do
      {:token, 0, path, asker} ->
        send(asker, {:path, Enum.reverse([number | path])})
        member(number, next)

      {:token, hops, path, asker} ->
        send(next, {:token, hops - 1, [number | path], asker})
        member(number, next)

      {:sum, value, first, asker} ->
        if next == first, do: send(asker, {:summed, value + number}), else: send(next, {:sum, value + number, first, asker})
        member(number, next)

      :stop ->
        :ok
    end
  end

  def sum([]), do: {0, []}

  def sum(numbers) do
    {pids, refs} = Enum.unzip(for number <- numbers, do: spawn_monitor(fn -> member(number) end))
    link(pids)
    send(hd(pids), {:sum, 0, hd(pids), self()})

    value =
      receive do
        {:summed, value} -> value
      end

    over(pids, refs)
    {value, pids}
  end

  defp over(pids, refs) do
    for pid <- pids, do: send(pid, :stop)

    for ref <- refs do
      receive do
        {:DOWN, ^ref, _, _, _} -> :ok
      end
    end
  end
end
