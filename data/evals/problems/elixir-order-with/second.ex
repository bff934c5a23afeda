defmodule Order do
  def total(prices, %{item: item, count: count}) do
    cond do
      not Map.has_key?(prices, item) -> {:error, :unknown_item}
      not (count =~ ~r/\A\+?[0-9]+\z/ and String.to_integer(count) > 0) -> {:error, :bad_count}
      true -> {:ok, prices[item] * String.to_integer(count)}
    end
  end
end
