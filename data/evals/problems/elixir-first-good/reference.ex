defmodule Race do
  def first(funs) do
    pending =
      funs
      |> Enum.with_index()
      |> Map.new(fn {fun, number} ->
        task = Task.async(fn -> attempt(fun) end)
        {task.ref, {number, task}}
      end)

    wait(pending, %{})
  end

  defp attempt(fun) do
    try do
      fun.()
    rescue
      error -> {:error, {:raised, Exception.message(error)}}
    catch
      :exit, reason -> {:error, {:exited, reason}}
    end
  end

  defp wait(pending, failed) when pending == %{} do
    {:error, failed |> Enum.sort() |> Enum.map(fn {_number, reason} -> reason end)}
  end

  defp wait(pending, failed) do
    {number, result, pending} = next(pending)

    case result do
      {:error, reason} ->
        wait(pending, Map.put(failed, number, reason))

      {:ok, value} ->
        pending |> Map.values() |> Enum.each(&Task.shutdown(elem(&1, 1), :brutal_kill))
        {:ok, value}
    end
  end

  defp next(pending) do
    receive do
      {ref, result} when is_map_key(pending, ref) ->
        Process.demonitor(ref, [:flush])
        {{number, _task}, pending} = Map.pop!(pending, ref)
        {number, result, pending}
    end
  end
end
