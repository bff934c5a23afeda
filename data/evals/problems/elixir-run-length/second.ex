defmodule Runs do
  def encode([]), do: []
  def encode([first | rest]), do: encode(rest, first, 1)

  defp encode([same | rest], same, n), do: encode(rest, same, n + 1)
  defp encode(rest, element, n), do: [{element, n} | encode(rest)]

  def decode(runs), do: for({element, n} <- runs, _ <- Enum.take(Stream.cycle([0]), n), do: element)
end
