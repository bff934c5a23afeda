defmodule IsbnVerifier do
  def isbn?(text) do
    digits = String.replace(text, "-", "")

    String.match?(digits, ~r/^\d{9}[\dX]$/) and
      digits |> String.graphemes() |> Enum.map(&value/1) |> check() == 0
  end

  defp value("X"), do: 10
  defp value(digit), do: String.to_integer(digit)

  defp check(values) do
    values |> Enum.zip(10..1) |> Enum.map(fn {a, b} -> a * b end) |> Enum.sum() |> rem(11)
  end
end
