defmodule RunsTest do
  use ExUnit.Case, async: true

  test "encodes runs in order" do
    assert Runs.encode([:a, :a, :b, :a]) == [{:a, 2}, {:b, 1}, {:a, 1}]
  end

  test "encodes nothing" do
    assert Runs.encode([]) == []
  end

  test "decodes" do
    assert Runs.decode([{1, 3}, {2, 1}]) == [1, 1, 1, 2]
  end

  test "decode undoes encode" do
    list = ~w(x x y z z z x)
    assert list |> Runs.encode() |> Runs.decode() == list
  end
end
