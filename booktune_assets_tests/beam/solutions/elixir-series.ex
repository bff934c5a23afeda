defmodule StringSeries do
  def slices(text, size) do
    text |> String.graphemes() |> Enum.chunk_every(size, 1, :discard) |> Enum.map(&Enum.join/1)
  end
end
