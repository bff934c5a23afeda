defmodule WeighableTest do
  use ExUnit.Case, async: true

  test "integers and atoms" do
    assert Weighable.weight(7) == 7
    assert Weighable.weight(-3) == 3
    assert Weighable.weight(:feather) == 1
    assert Weighable.weight(nil) == 1
  end

  test "strings by characters" do
    assert Weighable.weight("Grüße") == 5
    assert Weighable.weight("") == 0
  end

  test "lists and tuples" do
    assert Weighable.weight([1, "ab", :c]) == 4
    assert Weighable.weight({1, {2, [3]}}) == 6
    assert Weighable.weight([]) == 0
  end

  test "maps weigh keys and values" do
    assert Weighable.weight(%{}) == 0
    assert Weighable.weight(%{"key" => 10, 2 => [:a, %{b: 1}]}) == 18
  end

  test "the rest is refused" do
    assert_raise Protocol.UndefinedError, fn -> Weighable.weight(1.5) end
    assert_raise Protocol.UndefinedError, fn -> Weighable.weight([1, 2.5]) end
  end
end
