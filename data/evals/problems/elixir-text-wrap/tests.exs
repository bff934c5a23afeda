defmodule WrapTest do
  use ExUnit.Case, async: true

  test "fits on one line" do
    assert Wrap.lines("a few words", 20) == ["a few words"]
    assert Wrap.lines("exact", 5) == ["exact"]
    assert Wrap.lines("ab cd", 5) == ["ab cd"]
  end

  test "breaks between words" do
    assert Wrap.lines("the quick brown fox", 10) == ["the quick", "brown fox"]
    assert Wrap.lines("a b c d", 1) == ["a", "b", "c", "d"]
  end

  test "white space is one space" do
    assert Wrap.lines("  a \n b\t\tc ", 9) == ["a b c"]
  end

  test "nothing" do
    assert Wrap.lines("", 5) == []
    assert Wrap.lines(" \n ", 5) == []
  end

  test "long words are cut" do
    assert Wrap.lines("abcdefgh", 3) == ["abc", "def", "gh"]
    assert Wrap.lines("x abcdefg yz", 4) == ["x", "abcd", "efg", "yz"]
    assert Wrap.lines("abcde f g", 4) == ["abcd", "e f", "g"]
    assert Wrap.lines("abcdef", 3) == ["abc", "def"]
  end

  test "characters, not bytes" do
    assert Wrap.lines("äöü ßß", 6) == ["äöü ßß"]
    assert Wrap.lines("ääää", 2) == ["ää", "ää"]
  end
end
