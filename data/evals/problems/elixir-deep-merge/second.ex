defmodule Settings do
  def merge(base, changes) do
    for key <- Enum.uniq(Map.keys(base) ++ Map.keys(changes)),
        {:ok, value} <- [merged(Map.fetch(base, key), Map.fetch(changes, key))],
        into: %{},
        do: {key, value}
  end

  defp merged(_, {:ok, :unset}), do: :none
  defp merged(old, :error), do: old
  defp merged({:ok, %{} = old}, {:ok, %{} = new}), do: {:ok, merge(old, new)}
  defp merged(_, {:ok, %{} = new}), do: {:ok, merge(%{}, new)}
  defp merged(_, new), do: new

  def get(settings, path, default) do
    Enum.reduce_while(path, settings, fn key, here ->
      if is_map(here) and Map.has_key?(here, key), do: {:cont, Map.get(here, key)}, else: {:halt, default}
    end)
  end
end
