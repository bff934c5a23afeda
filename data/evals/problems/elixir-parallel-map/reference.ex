defmodule Parallel do
  def map(enumerable, fun) do
    enumerable
    |> Enum.map(fn element -> Task.async(fn -> fun.(element) end) end)
    |> Enum.map(&Task.await(&1, :infinity))
  end
end
