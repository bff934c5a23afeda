defmodule KnightTest do
  use ExUnit.Case, async: true

  test "from a corner" do
    assert Knight.moves({1, 1}) == [{2, 3}, {3, 2}]
    assert Knight.moves({8, 8}) == [{6, 7}, {7, 6}]
  end

  test "from the middle, sorted" do
    assert Knight.moves({4, 5}) ==
             [{2, 4}, {2, 6}, {3, 3}, {3, 7}, {5, 3}, {5, 7}, {6, 4}, {6, 6}]
  end

  test "no move at all" do
    assert Knight.within({3, 3}, 0) == [{3, 3}]
  end

  test "at most n moves" do
    assert Knight.within({1, 1}, 1) == [{1, 1}, {2, 3}, {3, 2}]
    two = Knight.within({1, 1}, 2)
    assert length(two) == 12
    assert {1, 1} in two and {2, 3} in two and {4, 4} in two
    refute {2, 2} in two
  end

  test "six moves reach the whole board from a corner" do
    assert length(Knight.within({1, 1}, 5)) < 64
    assert length(Knight.within({1, 1}, 6)) == 64
  end
end
