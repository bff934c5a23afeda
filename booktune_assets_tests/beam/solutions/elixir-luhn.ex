defmodule Luhn do
  def valid?(text) do
    digits = String.replace(text, " ", "")
    String.match?(digits, ~r/^\d{2,}$/) and rem(sum(digits), 10) == 0
  end

  defp sum(digits) do
    digits
    |> String.to_integer()
    |> Kernel.+(10 ** String.length(digits))
    |> Integer.digits()
    |> tl()
    |> Enum.reverse()
    |> Enum.zip(Stream.cycle([1, 2]))
    |> Enum.map(fn {digit, times} -> (digit * times) |> Integer.digits() |> Enum.sum() end)
    |> Enum.sum()
  end
end
