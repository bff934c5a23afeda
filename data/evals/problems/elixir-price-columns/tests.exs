defmodule ColumnsTest do
  use ExUnit.Case, async: true

  test "strings stand left, integers right" do
    assert Columns.layout([["tea", 5, "x"], ["coffee", 120, "y"]], 20) ==
             ["tea       5  x", "coffee  120  y"]
  end

  test "no space at the end of a line" do
    assert Columns.layout([["a", "long"], ["bb", "s"]], 9) == ["a   long", "bb  s"]
    assert Columns.layout([["a", ""], ["b", "x"]], 9) == ["a", "b  x"]
    assert Columns.layout([[nil], ["x"]], 9) == ["", "x"]
  end

  test "long strings are cut, numbers are not" do
    assert Columns.layout([["abcdef", 123_456], ["abcd", 1]], 4) == [
             "abc…  123456",
             "abcd       1"
           ]

    assert Columns.layout([["ab", "c"]], 1) == ["…  c"]
    assert Columns.layout([["éèüß", 1], ["éèüßa", 22]], 4) == ["éèüß   1", "éèü…  22"]
  end

  test "short rows" do
    assert Columns.layout([[1], [22, "x", 3], []], 5) == [" 1", "22  x  3", ""]
    assert Columns.layout([["a", nil, 7], ["b", nil, -12]], 5) == ["a      7", "b    -12"]
  end

  test "mixed columns stand left" do
    assert Columns.layout([[1, nil], ["one", 5], [nil, 55]], 5) == ["1", "one   5", "     55"]
    assert Columns.layout([["10"], ["9"]], 5) == ["10", "9"]
    assert Columns.layout([["5", "a"], [10, "b"]], 5) == ["5   a", "10  b"]
  end

  test "nothing" do
    assert Columns.layout([], 5) == []
    assert Columns.layout([[], []], 5) == ["", ""]
    assert Columns.layout([[nil, nil]], 5) == [""]
  end
end
