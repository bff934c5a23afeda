defmodule Wrap do
  def lines(text, width) do
    text |> String.split() |> fill(width, nil) |> Enum.reverse() |> Enum.reject(&is_nil/1)
  end

  defp fill(words, width, line), do: fill(words, width, line, [])

  defp fill([], _width, line, done), do: [line | done]

  defp fill([word | rest], width, line, done) do
    joined = if line, do: line <> " " <> word, else: word

    cond do
      String.length(joined) <= width ->
        fill(rest, width, joined, done)

      String.length(word) <= width ->
        fill(rest, width, word, [line | done])

      true ->
        {piece, more} = String.split_at(word, width)
        fill([more | rest], width, nil, [piece, line | done])
    end
  end
end
