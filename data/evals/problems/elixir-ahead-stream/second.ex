defmodule Ahead do
  def map(enumerable, most, fun) do
    Stream.resource(
      fn -> {&Enumerable.reduce(enumerable, &1, fn element, _ -> {:suspend, {:got, element}} end), []} end,
      &next(&1, most, fun),
      fn {_source, running} -> Enum.each(running, &Task.shutdown(&1, :brutal_kill)) end
    )
  end

  defp next({source, running}, most, fun) do
    case fill(source, running, most, fun) do
      {source, []} -> {:halt, {source, []}}
      {source, [task | others]} -> {[Task.await(task, :infinity)], {source, others}}
    end
  end

  # tasks in the order of their elements
  defp fill(nil, running, _most, _fun), do: {nil, running}
  defp fill(source, running, most, _fun) when length(running) >= most, do: {source, running}

  defp fill(source, running, most, fun) do
    case source.({:cont, nil}) do
      {:suspended, {:got, element}, source} ->
        fill(source, running ++ [Task.async(fn -> attempt(fun, element) end)], most, fun)

      {_ended, _} ->
        {nil, running}
    end
  end

  defp attempt(fun, element) do
    {:ok, fun.(element)}
  catch
    _kind, _what -> {:failed, element}
  end
end
