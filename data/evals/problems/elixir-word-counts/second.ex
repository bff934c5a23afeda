defmodule Words do
  def count(text) do
    ~r/\S+/u
    |> Regex.scan(String.downcase(text))
    |> List.flatten()
    |> Enum.reduce(%{}, fn word, counts -> Map.update(counts, word, 1, &(&1 + 1)) end)
  end
end
