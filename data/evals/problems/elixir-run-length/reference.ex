defmodule Runs do
  def encode(list) do
    list
    |> Enum.chunk_by(& &1)
    |> Enum.map(&{hd(&1), length(&1)})
  end

  def decode(runs) do
    Enum.flat_map(runs, fn {element, count} -> List.duplicate(element, count) end)
  end
end
