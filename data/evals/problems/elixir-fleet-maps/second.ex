defmodule Fleet do
  def totals(fleet) do
    Map.new(fleet, fn {depot, vans} -> {depot, vans |> Map.values() |> Enum.map(& &1.km) |> Enum.sum()} end)
  end

  def mark_due(fleet, limit) do
    for {depot, vans} <- fleet, into: %{} do
      {depot, for({name, van} <- vans, into: %{}, do: {name, due(Map.delete(van, :due), limit)})}
    end
  end

  defp due(%{km: km} = van, limit) when km >= limit, do: Map.put(van, :due, true)
  defp due(van, _), do: van

  def log(fleet, depot, name, km) do
    update_in(fleet, [Access.key(depot, %{}), Access.key(name, %{km: 0, trips: []})], fn van ->
      %{van | km: van.km + km, trips: van.trips ++ [km]}
    end)
  end

  def move(fleet, name, from, to) do
    case {fleet[from][name], fleet[to][name]} do
      {nil, _} -> {:error, :no_van}
      {_, there} when there != nil -> {:error, :van_there}
      {van, nil} ->
        {_, left} = pop_in(fleet, [from, name])
        kept = if left[from] == %{}, do: Map.delete(left, from), else: left
        {:ok, Map.update(kept, to, %{name => van}, &Map.put(&1, name, van))}
    end
  end
end
