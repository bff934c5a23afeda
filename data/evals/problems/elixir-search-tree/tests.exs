defmodule TreeTest do
  use ExUnit.Case, async: true

  defp tree(values), do: Enum.reduce(values, nil, &Tree.insert(&2, &1))

  test "the empty tree" do
    assert Tree.to_list(nil) == []
    assert Tree.depth(nil) == 0
  end

  test "smaller values go left, larger go right" do
    assert tree([2, 1, 3]) == {{nil, 1, nil}, 2, {nil, 3, nil}}
  end

  test "comes out sorted and without doubles" do
    assert [5, 2, 8, 2, 1, 9, 5] |> tree() |> Tree.to_list() == [1, 2, 5, 8, 9]
  end

  test "depth counts levels" do
    assert Tree.depth(tree([1, 2, 3, 4])) == 4
    assert Tree.depth(tree([2, 1, 3])) == 2
  end
end
