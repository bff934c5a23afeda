defmodule Index do
  def invert(pages) do
    pages
    |> Enum.sort(:desc)
    |> Enum.reduce(%{}, fn {page, text}, index ->
      text
      |> String.downcase()
      |> String.split()
      |> Enum.uniq()
      |> Enum.filter(&(String.length(&1) >= 3))
      |> Enum.reduce(index, fn word, index -> Map.update(index, word, [page], &[page | &1]) end)
    end)
  end
end
