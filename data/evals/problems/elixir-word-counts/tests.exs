defmodule WordsTest do
  use ExUnit.Case, async: true

  test "counts" do
    assert Words.count("a b a") == %{"a" => 2, "b" => 1}
  end

  test "ignores case" do
    assert Words.count("Echo echo ECHO") == %{"echo" => 3}
  end

  test "splits on any white space" do
    assert Words.count("  one\ttwo\n two ") == %{"one" => 1, "two" => 2}
  end

  test "blank text" do
    assert Words.count("  ") == %{}
  end
end
