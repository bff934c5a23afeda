defmodule Stock do
  def replay(stock, []), do: {:ok, stock}

  def replay(stock, [{kind, item, n} = event | rest]) do
    count = Map.get(stock, item, 0) + if(kind == :in, do: n, else: -n)

    cond do
      count < 0 -> {:error, event, stock}
      count == 0 -> replay(Map.delete(stock, item), rest)
      true -> replay(Map.put(stock, item, count), rest)
    end
  end
end
