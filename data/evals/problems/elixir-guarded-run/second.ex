defmodule Guarded do
  def run(what) do
    aside(fn ->
      Process.flag(:trap_exit, true)
      me = self()
      child = spawn_link(fn -> send(me, {:result, work(what)}) end)

      receive do
        {:result, term} -> {:ok, term}
        {:EXIT, ^child, reason} -> {:exit, reason}
      end
    end)
  end

  defp work({:value, term}), do: term
  defp work({:exit, reason}), do: exit(reason)

  defp work({:linked, reason}) do
    grandchild = spawn_link(fn -> exit(reason) end)
    ref = Process.monitor(grandchild)

    # any other end comes through the link
    receive do
      {:DOWN, ^ref, _, _, ended} when ended == :normal or reason == :normal -> :survived
    end
  end

  def family(reason) do
    aside(fn ->
      me = self()

      parent =
        spawn(fn ->
          children = for _ <- 1..3, do: spawn_link(fn -> child() end)
          send(me, {:children, children})
          Process.sleep(:infinity)
        end)

      receive do
        {:children, [first | _] = children} ->
          all = Map.new([parent | children], &{Process.monitor(&1), &1})
          send(first, {:exit, reason})
          ended = gather(all, if(reason == :normal, do: 1, else: 4))
          left = Map.drop(all, ended)
          Enum.each(left, fn {_, pid} -> Process.exit(pid, :kill) end)
          gather(left, map_size(left))
          map_size(left)
      end
    end)
  end

  defp child do
    receive do
      {:exit, reason} -> exit(reason)
    end
  end

  # the monitors of so many processes that have ended
  defp gather(_monitors, 0), do: []

  defp gather(monitors, n) do
    receive do
      {:DOWN, ref, _, _, _} when is_map_key(monitors, ref) -> [ref | gather(monitors, n - 1)]
    end
  end

  # in a process of its own, so that nothing can come to the caller but its end
  defp aside(fun) do
    {pid, ref} = spawn_monitor(fn -> exit({:outcome, fun.()}) end)

    receive do
      {:DOWN, ^ref, :process, ^pid, {:outcome, outcome}} -> outcome
    end
  end
end
