defmodule SumsTest do
  use ExUnit.Case, async: true

  test "numbers and spaces" do
    assert Sums.eval("42") == {:ok, 42}
    assert Sums.eval("  7 ") == {:ok, 7}
  end

  test "from left to right" do
    assert Sums.eval("10 - 3 - 2") == {:ok, 5}
    assert Sums.eval("1+2-3+4") == {:ok, 4}
  end

  test "times binds tighter" do
    assert Sums.eval("2 + 3 * 4") == {:ok, 14}
    assert Sums.eval("2*3 - 4*5") == {:ok, -14}
  end

  test "parentheses" do
    assert Sums.eval("(2 + 3) * 4") == {:ok, 20}
    assert Sums.eval("2 * (10 - (3 - 1))") == {:ok, 16}
    assert Sums.eval("((5))") == {:ok, 5}
  end

  test "bad syntax" do
    for text <- ["", "  ", "1 +", "* 2", "1 2", "(1", "1)", "()", "-1", "1 + x", "2 / 1", "1 + * 2"] do
      assert {text, Sums.eval(text)} == {text, {:error, :syntax}}
    end
  end
end
