defmodule Wrap do
  def lines(text, width) do
    text
    |> String.split()
    |> Enum.flat_map(&pieces(&1, width))
    |> Enum.reduce([], fn {piece, kind}, lines -> put(piece, kind, lines, width) end)
    |> Enum.reverse()
  end

  # the first piece of a long word begins a line, the others cannot stand with it anyway
  defp pieces(word, width) do
    if String.length(word) <= width do
      [{word, :word}]
    else
      for chunk <- word |> String.graphemes() |> Enum.chunk_every(width), do: {Enum.join(chunk), :piece}
    end
  end

  defp put(text, :piece, lines, _width), do: [text | lines]
  defp put(text, :word, [], _width), do: [text]

  defp put(text, :word, [line | rest] = lines, width) do
    longer = line <> " " <> text
    if String.length(longer) > width, do: [text | lines], else: [longer | rest]
  end
end
