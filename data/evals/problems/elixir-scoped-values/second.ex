defmodule Scoped do
  # a list of maps, the innermost first
  def get(key, default) do
    Enum.find_value(maps(), default, fn
      %{^key => value} -> {:found, value}
      _ -> nil
    end)
    |> case do
      {:found, value} -> value
      other -> other
    end
  end

  def with_values(values, fun), do: run([values | maps()], fun)

  def wrap(fun) do
    maps = maps()
    fn -> run(maps, fun) end
  end

  defp run(maps, fun) do
    before = Process.put(:scoped_maps, maps)

    outcome =
      try do
        {:returned, fun.()}
      catch
        kind, reason -> {:raised, kind, reason, __STACKTRACE__}
      end

    if before, do: Process.put(:scoped_maps, before), else: Process.delete(:scoped_maps)

    case outcome do
      {:returned, value} -> value
      {:raised, kind, reason, trace} -> :erlang.raise(kind, reason, trace)
    end
  end

  defp maps, do: Process.get(:scoped_maps, [])
end
