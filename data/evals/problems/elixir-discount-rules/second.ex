defmodule Discount do
  @type basket :: %{String.t() => {pos_integer, non_neg_integer}}
  @callback applies?(basket) :: boolean
  @callback reduce(basket) :: non_neg_integer
  @callback label() :: String.t()
  @optional_callbacks label: 0
end

defmodule Discount.Bulk do
  @behaviour Discount
  @impl true
  def label, do: "bulk"
  @impl true
  def applies?(basket), do: bulky(basket) != []
  @impl true
  def reduce(basket), do: Enum.sum(for {count, price} <- bulky(basket), do: div(count * price, 10))

  defp bulky(basket), do: Enum.filter(Map.values(basket), fn {count, _} -> count >= 10 end)
end

defmodule Discount.Large do
  @behaviour Discount
  @impl true
  def label, do: "large basket"
  @impl true
  def applies?(basket), do: Checkout.total(basket) >= 10_000
  @impl true
  def reduce(_basket), do: 500
end

defmodule Discount.Penny do
  @behaviour Discount
  @impl true
  def applies?(_basket), do: true
  @impl true
  def reduce(basket), do: rem(Checkout.total(basket), 100)
end

defmodule Checkout do
  def total(basket) do
    Enum.reduce(basket, 0, fn {_item, {count, price}}, sum -> sum + count * price end)
  end

  def best(basket, rules) do
    total = total(basket)

    basket
    |> applying(rules)
    |> Enum.map(&{label(&1), &1.reduce(basket)})
    |> Enum.reduce(nil, fn
      {label, off}, nil -> {label, off}
      {label, off}, {_, most} when off > most -> {label, off}
      _, best -> best
    end)
    |> case do
      nil -> {nil, total}
      {label, off} -> {label, total - off}
    end
  end

  def all(basket, rules), do: basket |> applying(rules) |> Enum.map(&label/1)

  defp applying(basket, rules) do
    needed = Discount.behaviour_info(:callbacks) -- Discount.behaviour_info(:optional_callbacks)

    for rule <- rules, {name, arity} <- needed do
      unless Code.ensure_loaded?(rule) and function_exported?(rule, name, arity) do
        raise ArgumentError, "#{inspect(rule)} has no #{name}/#{arity}"
      end
    end

    Enum.filter(rules, & &1.applies?(basket))
  end

  defp label(rule) do
    if function_exported?(rule, :label, 0),
      do: rule.label(),
      else: rule |> Atom.to_string() |> String.split(".") |> List.last() |> String.downcase()
  end
end
