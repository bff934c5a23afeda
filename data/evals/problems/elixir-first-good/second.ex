defmodule Race do
  def first(funs) do
    workers = for fun <- funs, do: spawn_monitor(fn -> exit({Race, outcome(fun)}) end)
    refs = for {pid, ref} <- workers, into: %{}, do: {ref, pid}
    result = wait(refs, %{})

    case result do
      {:ok, value, left} ->
        for {ref, pid} <- left do
          Process.exit(pid, :kill)

          receive do
            {:DOWN, ^ref, _, _, _} -> :dead
          end
        end

        {:ok, value}

      reasons ->
        {:error, for({_, ref} <- workers, do: reasons[ref])}
    end
  end

  defp outcome(fun) do
    fun.()
  rescue
    error -> {:error, {:raised, Exception.message(error)}}
  catch
    :exit, reason -> {:error, {:exited, reason}}
  end

  defp wait(open, reasons) when open == %{}, do: reasons

  defp wait(open, reasons) do
    receive do
      {:DOWN, ref, :process, _, {Race, {:ok, value}}} when is_map_key(open, ref) -> {:ok, value, Map.delete(open, ref)}
      {:DOWN, ref, :process, _, {Race, {:error, why}}} when is_map_key(open, ref) -> wait(Map.delete(open, ref), Map.put(reasons, ref, why))
      {:DOWN, ref, :process, _, why} when is_map_key(open, ref) -> wait(Map.delete(open, ref), Map.put(reasons, ref, {:exited, why}))
    end
  end
end
