defmodule Stock do
  def replay(stock, events) do
    Enum.reduce_while(events, {:ok, stock}, fn event, {:ok, stock} ->
      case apply_event(event, stock) do
        {:ok, _stock} = changed -> {:cont, changed}
        :short -> {:halt, {:error, event, stock}}
      end
    end)
  end

  defp apply_event({:in, item, n}, stock), do: {:ok, Map.update(stock, item, n, &(&1 + n))}

  defp apply_event({:out, item, n}, stock) do
    case Map.get(stock, item, 0) do
      have when have < n -> :short
      ^n -> {:ok, Map.delete(stock, item)}
      have -> {:ok, Map.put(stock, item, have - n)}
    end
  end
end
