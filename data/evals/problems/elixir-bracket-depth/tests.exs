defmodule BracketsTest do
  use ExUnit.Case, async: true

  test "no brackets" do
    assert Brackets.depth("") == {:ok, 0}
    assert Brackets.depth("plain <text>") == {:ok, 0}
  end

  test "depth is how many are open at once" do
    assert Brackets.depth("()()") == {:ok, 1}
    assert Brackets.depth("f(a[1], {b, [c]})") == {:ok, 3}
  end

  test "closes nothing" do
    assert Brackets.depth("ab)") == {:error, 3}
    assert Brackets.depth("())(") == {:error, 3}
  end

  test "closes the wrong kind" do
    assert Brackets.depth("([)]") == {:error, 3}
  end

  test "ends too early" do
    assert Brackets.depth("(a[b") == {:error, 3}
    assert Brackets.depth("((x)") == {:error, 1}
  end

  test "positions are characters" do
    assert Brackets.depth("äöü)") == {:error, 4}
  end
end
