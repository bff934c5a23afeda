defmodule Index do
  def invert(texts) do
    pages =
      for {number, text} <- texts,
          word <- text |> String.downcase() |> String.split(),
          String.length(word) >= 3,
          reduce: %{} do
        acc -> Map.update(acc, word, [number], &[number | &1])
      end

    Map.new(pages, fn {word, numbers} -> {word, numbers |> Enum.uniq() |> Enum.sort()} end)
  end
end
