defmodule BagTest do
  use ExUnit.Case, async: true

  defp bag(elements), do: Enum.into(elements, Bag.new())

  test "puts and counts" do
    bag = Bag.new() |> Bag.put(:a) |> Bag.put(nil) |> Bag.put(:a)
    assert Bag.count(bag, :a) == 2
    assert Bag.count(bag, nil) == 1
    assert Bag.count(bag, "a") == 0
  end

  test "takes out" do
    {:ok, bag} = Bag.take_out(bag([:a, :a, :b]), :a)
    assert Bag.count(bag, :a) == 1
    {:ok, bag} = Bag.take_out(bag, :a)
    assert Bag.count(bag, :a) == 0
    assert Bag.take_out(bag, :a) == :error
    refute Enum.member?(bag, :a)
    assert Enum.to_list(bag) == [:b]
    assert bag == bag([:b])
  end

  test "enumerates in order, as often as there" do
    assert Enum.to_list(bag([3, 1, 2, 3, 1, 3])) == [1, 1, 2, 3, 3, 3]
    assert Enum.to_list(Bag.new()) == []
    numbers = for n <- 1..100, do: rem(n * 37, 41)
    assert Enum.to_list(bag(numbers)) == Enum.sort(numbers)
    assert Enum.map(bag(["b", :a, "b"]), & &1) == [:a, "b", "b"]
  end

  test "size and membership" do
    assert Enum.count(bag([1, 1, 2])) == 3
    assert Enum.count(Bag.new()) == 0
    assert Enum.empty?(Bag.new())
    assert Enum.member?(bag([nil]), nil)
    refute Enum.member?(bag([1, 1]), 2)
    refute Enum.member?(bag([1]), 1.0)
  end

  test "stopping early and taking turns" do
    bag = bag([5, 4, 5, 6])
    assert Enum.take(bag, 2) == [4, 5]
    assert Enum.at(bag, 3) == 6
    assert Enum.zip(bag, [:a, :b, :c]) == [{4, :a}, {5, :b}, {5, :c}]
    assert Enum.zip(bag, bag) == [{4, 4}, {5, 5}, {5, 5}, {6, 6}]
    assert bag |> Stream.map(&(&1 * 2)) |> Enum.take(3) == [8, 10, 10]
    assert Enum.slice(bag, 1, 2) == [5, 5]
  end

  test "collects" do
    assert Enum.to_list(Enum.into([2, 1, 2], bag([2]))) == [1, 2, 2, 2]
    assert for(x <- 1..3, into: Bag.new(), do: rem(x, 2)) == bag([0, 1, 1])
    assert Enum.into(bag([1, 1]), Bag.new()) == bag([1, 1])
  end

  test "as a string" do
    assert to_string(bag([:a, "b", :a])) == ~s(#Bag<:ax2 "b"x1>)
    assert to_string(Bag.new()) == "#Bag<>"
    assert "#{bag([10, 9, 10, {1, nil}])}" == "#Bag<9x1 10x2 {1, nil}x1>"
  end
end
