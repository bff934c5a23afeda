defmodule Fleet do
  def log(fleet, depot, name, km) do
    update_in(fleet, [Access.key(depot, %{}), Access.key(name, %{km: 0, trips: []})], fn van ->
      Map.merge(van, %{km: van.km + km, trips: van.trips ++ [km]})
    end)
  end

  def move(fleet, name, from, to) do
    cond do
      not is_map_key(Map.get(fleet, from, %{}), name) -> {:error, :no_van}
      is_map_key(Map.get(fleet, to, %{}), name) -> {:error, :van_there}
      true -> {:ok, fleet |> without(from, name) |> put_van(to, name, fleet[from][name])}
    end
  end

  def totals(fleet) do
    Map.new(fleet, fn {depot, vans} ->
      {depot, vans |> Map.values() |> Enum.map(& &1.km) |> Enum.sum()}
    end)
  end

  def mark_due(fleet, limit) do
    Map.new(fleet, fn {depot, vans} ->
      {depot, Map.new(vans, fn {name, van} -> {name, mark(van, limit)} end)}
    end)
  end

  defp without(fleet, from, name) do
    case Map.pop!(fleet[from], name) do
      {_van, rest} when rest == %{} -> Map.delete(fleet, from)
      {_van, rest} -> Map.put(fleet, from, rest)
    end
  end

  defp put_van(fleet, depot, name, van) do
    Map.update(fleet, depot, %{name => van}, &Map.put(&1, name, van))
  end

  defp mark(van, limit) do
    case van.km >= limit do
      true -> Map.put(van, :due, true)
      false -> Map.delete(van, :due)
    end
  end
end
