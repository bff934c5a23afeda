defmodule Words do
  def count(text) do
    text
    |> String.downcase()
    |> String.split()
    |> Enum.frequencies()
  end
end
