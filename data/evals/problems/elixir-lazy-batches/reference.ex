defmodule Batches do
  def sums(numbers, size) do
    numbers
    |> Stream.chunk_every(size)
    |> Stream.map(&Enum.sum/1)
  end
end
