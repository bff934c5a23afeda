defmodule Sums do
  def eval(text) do
    with {:ok, tokens} <- tokens(text, []),
         {:ok, value, []} <- sum(tokens) do
      {:ok, value}
    else
      _ -> {:error, :syntax}
    end
  end

  defp tokens("", found), do: {:ok, Enum.reverse(found)}
  defp tokens(" " <> rest, found), do: tokens(rest, found)

  defp tokens(<<sign, rest::binary>>, found) when sign in '+-*()' do
    tokens(rest, [sign | found])
  end

  defp tokens(<<digit, _::binary>> = text, found) when digit in ?0..?9 do
    {number, rest} = Integer.parse(text)
    tokens(rest, [{:number, number} | found])
  end

  defp tokens(_text, _found), do: :error

  defp sum(tokens) do
    with {:ok, value, rest} <- product(tokens), do: more_sum(value, rest)
  end

  defp more_sum(left, [sign | rest]) when sign in '+-' do
    with {:ok, right, rest} <- product(rest) do
      more_sum(if(sign == ?+, do: left + right, else: left - right), rest)
    end
  end

  defp more_sum(value, rest), do: {:ok, value, rest}

  defp product(tokens) do
    with {:ok, value, rest} <- factor(tokens), do: more_product(value, rest)
  end

  defp more_product(left, [?* | rest]) do
    with {:ok, right, rest} <- factor(rest), do: more_product(left * right, rest)
  end

  defp more_product(value, rest), do: {:ok, value, rest}

  defp factor([{:number, number} | rest]), do: {:ok, number, rest}

  defp factor([?( | rest]) do
    case sum(rest) do
      {:ok, value, [?) | rest]} -> {:ok, value, rest}
      _ -> :error
    end
  end

  defp factor(_tokens), do: :error
end
