defmodule Order do
  def total(prices, %{item: item, count: count}) do
    with {:ok, price} <- price(prices, item),
         {:ok, count} <- count(count) do
      {:ok, price * count}
    end
  end

  defp price(prices, item) do
    with :error <- Map.fetch(prices, item), do: {:error, :unknown_item}
  end

  defp count(text) do
    case Integer.parse(text) do
      {count, ""} when count >= 1 -> {:ok, count}
      _ -> {:error, :bad_count}
    end
  end
end
