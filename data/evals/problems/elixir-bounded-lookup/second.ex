defmodule Lookup do
  def all(keys, most, fun), do: fill(Enum.uniq(keys), most, fun, %{}, %{})

  defp fill([key | rest], free, fun, running, found) when free > 0 do
    parent = self()
    ref = make_ref()
    spawn_link(fn -> send(parent, {ref, fun.(key)}) end)
    fill(rest, free - 1, fun, Map.put(running, ref, key), found)
  end

  defp fill([], _free, _fun, running, found) when map_size(running) == 0, do: found

  defp fill(keys, free, fun, running, found) do
    receive do
      {ref, value} when is_map_key(running, ref) ->
        {key, running} = Map.pop!(running, ref)
        fill(keys, free + 1, fun, running, Map.put(found, key, value))
    end
  end
end
