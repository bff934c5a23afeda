defmodule Settings do
  def merge(base, changes) do
    Enum.reduce(changes, base, fn
      {key, :unset}, merged ->
        Map.delete(merged, key)

      {key, %{} = inner}, merged ->
        Map.put(merged, key, merge(map_at(merged, key), inner))

      {key, value}, merged ->
        Map.put(merged, key, value)
    end)
  end

  def get(settings, [], _default), do: settings

  def get(%{} = settings, [key | path], default) do
    case settings do
      %{^key => value} -> get(value, path, default)
      _ -> default
    end
  end

  def get(_other, _path, default), do: default

  defp map_at(map, key) do
    case map do
      %{^key => %{} = inner} -> inner
      _ -> %{}
    end
  end
end
