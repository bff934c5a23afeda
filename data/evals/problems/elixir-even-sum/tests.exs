defmodule NumbersTest do
  use ExUnit.Case, async: true

  test "adds up the even ones" do
    assert Numbers.sum_even([1, 2, 3, 4, 10]) == 16
  end

  test "of nothing is zero" do
    assert Numbers.sum_even([]) == 0
    assert Numbers.sum_even([1, 3]) == 0
  end

  test "negative numbers count" do
    assert Numbers.sum_even([-2, -3, 4]) == 2
  end
end
