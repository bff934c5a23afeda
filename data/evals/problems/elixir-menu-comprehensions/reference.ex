defmodule Menu do
  def meals(dishes, drinks, budget) do
    for %{name: dish, price: one} <- dishes,
        %{name: drink, price: other} <- drinks,
        total = one + other,
        total <= budget,
        do: {dish, drink, total}
  end

  def by_tag(dishes) do
    for %{name: name, price: _, tags: tags} <- dishes, tag <- tags, reduce: %{} do
      names -> Map.update(names, tag, [name], &(&1 ++ [name]))
    end
  end

  def cheapest(dishes) do
    for %{name: name, price: price} <- dishes, reduce: %{} do
      prices -> Map.update(prices, name, price, &min(&1, price))
    end
  end

  def code(text) do
    for <<letter <- text>>, letter in ?a..?z or letter in ?A..?Z, into: "" do
      String.upcase(<<letter>>)
    end
  end
end
