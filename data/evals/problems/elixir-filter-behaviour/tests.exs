defmodule FiltersTest do
  use ExUnit.Case, async: true

  @all [Filters.Cut, Filters.Repeat, Filters.Swap]

  test "the behaviour" do
    callbacks = Filters.Filter.behaviour_info(:callbacks)
    assert Enum.sort(callbacks) == [name: 0, run: 2, valid?: 1]
    assert Filters.Filter.behaviour_info(:optional_callbacks) == []
  end

  test "each filter alone" do
    assert Filters.Cut.run("über", 2) == "üb"
    assert Filters.Cut.run("ab", 0) == ""
    assert Filters.Cut.run("ab", 9) == "ab"
    assert Filters.Repeat.run("ab", 3) == "ababab"
    assert Filters.Swap.run("banana", {"an", "o"}) == "booa"
  end

  test "steps run in order" do
    assert Filters.run("abc", [], @all) == {:ok, "abc"}
    assert Filters.run("abc", [{"cut", 2}, {"repeat", 2}], @all) == {:ok, "abab"}
    assert Filters.run("abc", [{"repeat", 2}, {"cut", 2}], @all) == {:ok, "ab"}
    steps = [{"swap", {"b", "éé"}}, {"cut", 2}, {"repeat", 2}, {"swap", {"éa", "-"}}]
    assert Filters.run("abc", steps, @all) == {:ok, "a-é"}
  end

  test "unknown names" do
    assert Filters.run("abc", [{"cat", 2}], @all) == {:error, {:unknown, "cat"}}
    assert Filters.run("abc", [{"cut", 2}], [Filters.Swap]) == {:error, {:unknown, "cut"}}
    assert Filters.run("abc", [{"cut", 2}, {"x", 1}, {"y", 1}], @all) == {:error, {:unknown, "x"}}
  end

  test "arguments that are not valid" do
    for {name, args} <- [
          {"cut", [-1, 1.0, nil, "1"]},
          {"repeat", [0, -2, 2.0, :many]},
          {"swap", [{"", "a"}, {"a", nil}, {:a, "b"}, "ab", {"a", "b", "c"}]}
        ],
        arg <- args do
      assert Filters.run("abc", [{"repeat", 2}, {name, arg}], @all) == {:error, {:bad_argument, name}}
    end

    wrong = [{"cut", -1}, {"x", 1}]
    assert Filters.run("abc", wrong, @all) == {:error, {:bad_argument, "cut"}}
    assert Filters.run("abc", Enum.reverse(wrong), @all) == {:error, {:unknown, "x"}}
  end

  test "the first module of a name counts" do
    assert Filters.Ends.run("über", :ends) == "ür"
    assert Filters.Ends.run("a", :ends) == "aa"
    ends_first = [Filters.Ends | @all]
    assert Filters.run("abc", [{"cut", :ends}], ends_first) == {:ok, "ac"}
    assert Filters.run("abc", [{"cut", 1}], ends_first) == {:error, {:bad_argument, "cut"}}
    assert Filters.run("abc", [{"cut", 1}], @all ++ [Filters.Ends]) == {:ok, "a"}
    assert Filters.run("abc", [{"cut", :ends}], @all ++ [Filters.Ends]) == {:error, {:bad_argument, "cut"}}
    assert Filters.run("abc", [{"repeat", 2}, {"cut", :ends}], [Filters.Repeat, Filters.Ends]) == {:ok, "ac"}
  end
end
