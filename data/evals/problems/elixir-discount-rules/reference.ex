defmodule Discount do
  @type basket :: %{String.t() => {non_neg_integer(), non_neg_integer()}}

  @callback applies?(basket()) :: boolean()
  @callback reduce(basket()) :: non_neg_integer()
  @callback label() :: String.t()
  @optional_callbacks label: 0
end

defmodule Checkout do
  def total(basket), do: Enum.sum(for {_item, {count, price}} <- basket, do: count * price)

  def best(basket, rules) do
    total = total(basket)

    case applying(basket, rules) do
      [] ->
        {nil, total}

      found ->
        rule = Enum.max_by(found, & &1.reduce(basket))
        {label(rule), total - rule.reduce(basket)}
    end
  end

  def all(basket, rules), do: basket |> applying(rules) |> Enum.map(&label/1)

  defp applying(basket, rules) do
    Enum.each(rules, &check/1)
    Enum.filter(rules, & &1.applies?(basket))
  end

  defp check(rule) do
    needed =
      Discount.behaviour_info(:callbacks) -- Discount.behaviour_info(:optional_callbacks)

    complete? =
      Code.ensure_loaded?(rule) and
        Enum.all?(needed, fn {name, arity} -> function_exported?(rule, name, arity) end)

    complete? || raise ArgumentError, "#{inspect(rule)} is no discount"
  end

  defp label(rule) do
    if function_exported?(rule, :label, 0) do
      rule.label()
    else
      rule |> Module.split() |> List.last() |> String.downcase()
    end
  end
end

defmodule Discount.Bulk do
  @behaviour Discount
  @bulk 10

  @impl true
  def applies?(basket), do: Enum.any?(basket, fn {_item, {count, _}} -> count >= @bulk end)

  @impl true
  def reduce(basket) do
    Enum.sum(for {_item, {count, price}} when count >= @bulk <- basket, do: div(count * price, 10))
  end

  @impl true
  def label, do: "bulk"
end

defmodule Discount.Large do
  @behaviour Discount

  @impl true
  def applies?(basket), do: Checkout.total(basket) >= 10_000

  @impl true
  def reduce(_basket), do: 500

  @impl true
  def label, do: "large basket"
end

defmodule Discount.Penny do
  @behaviour Discount

  @impl true
  def applies?(_basket), do: true

  @impl true
  def reduce(basket), do: rem(Checkout.total(basket), 100)
end
