defmodule BatchesTest do
  use ExUnit.Case, async: true

  test "sums each batch" do
    assert [1, 2, 3, 4] |> Batches.sums(2) |> Enum.to_list() == [3, 7]
  end

  test "the last batch may be short" do
    assert [1, 2, 3, 4, 5] |> Batches.sums(2) |> Enum.to_list() == [3, 7, 5]
  end

  test "works on an infinite stream" do
    numbers = Stream.iterate(1, &(&1 + 1))
    assert numbers |> Batches.sums(3) |> Enum.take(2) == [6, 15]
  end

  test "does nothing before it is asked" do
    test = self()
    numbers = Stream.map(1..4, fn n -> send(test, n) end)
    stream = Batches.sums(numbers, 2)
    refute_received _
    refute is_list(stream)
    assert Enum.to_list(stream) == [3, 7]
  end
end
