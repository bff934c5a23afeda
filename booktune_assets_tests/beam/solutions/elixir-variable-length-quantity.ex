defmodule VariableLengthQuantity do
  def encode(numbers), do: Enum.flat_map(numbers, &bytes(div(&1, 128), [rem(&1, 128)]))

  def decode(bytes), do: decode(bytes, 0)

  defp bytes(0, done), do: done
  defp bytes(n, done), do: bytes(div(n, 128), [128 + rem(n, 128) | done])

  defp decode([], _sum), do: []
  defp decode([byte | rest], sum) when byte < 128, do: [sum * 128 + byte | decode(rest, 0)]
  defp decode([byte | rest], sum), do: decode(rest, sum * 128 + byte - 128)
end
