defmodule BuildTest do
  use ExUnit.Case, async: true

  test "nothing to build" do
    assert Build.order(%{}) == {:ok, []}
  end

  test "needs come first" do
    needs = %{"app" => ["lib", "web"], "web" => ["lib"], "lib" => []}
    assert Build.order(needs) == {:ok, ["lib", "web", "app"]}
  end

  test "targets that only others name" do
    assert Build.order(%{"a" => ["z"]}) == {:ok, ["z", "a"]}
  end

  test "the alphabetically first that is ready comes next" do
    needs = %{"c" => [], "b" => ["c"], "a" => ["b"], "d" => []}
    assert Build.order(needs) == {:ok, ["c", "b", "a", "d"]}
    assert Build.order(%{"x" => ["m"], "b" => []}) == {:ok, ["b", "m", "x"]}
  end

  test "a circle and what hangs on it is left" do
    needs = %{"a" => ["b"], "b" => ["a"], "c" => ["a"], "d" => ["e"]}
    assert Build.order(needs) == {:error, ["a", "b", "c"]}
    assert Build.order(%{"me" => ["me"]}) == {:error, ["me"]}
  end
end
