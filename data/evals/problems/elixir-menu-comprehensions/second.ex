defmodule Menu do
  def meals(dishes, drinks, budget) do
    dishes
    |> whole()
    |> Enum.flat_map(fn dish -> Enum.map(whole(drinks), &{dish.name, &1.name, dish.price + &1.price}) end)
    |> Enum.reject(fn {_, _, total} -> total > budget end)
  end

  def by_tag(dishes) do
    dishes
    |> whole()
    |> Enum.flat_map(fn dish -> Enum.map(Map.get(dish, :tags, []), &{&1, dish.name}) end)
    |> Enum.group_by(&elem(&1, 0), &elem(&1, 1))
  end

  def cheapest(dishes) do
    dishes
    |> whole()
    |> Enum.sort_by(& &1.price, :desc)
    |> Map.new(&{&1.name, &1.price})
  end

  def code(text), do: ~r/[^a-zA-Z]/u |> Regex.replace(text, "") |> String.upcase(:ascii)

  defp whole(list), do: Enum.filter(list, &(Map.has_key?(&1, :name) and Map.has_key?(&1, :price)))
end
