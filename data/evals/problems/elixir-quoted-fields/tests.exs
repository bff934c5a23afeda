defmodule FieldsTest do
  use ExUnit.Case, async: true

  test "plain fields" do
    assert Fields.split("a,b c,ü") == {:ok, ["a", "b c", "ü"]}
    assert Fields.split("") == {:ok, [""]}
    assert Fields.split(",x,") == {:ok, ["", "x", ""]}
  end

  test "quoted fields" do
    assert Fields.split(~s("a,b",c)) == {:ok, ["a,b", "c"]}
    assert Fields.split(~s("",x)) == {:ok, ["", "x"]}
    assert Fields.split(~s(x,"a,b")) == {:ok, ["x", "a,b"]}
    assert Fields.split(~s("she said ""no""",1)) == {:ok, [~s(she said "no"), "1"]}
    assert Fields.split(~s("a",)) == {:ok, ["a", ""]}
  end

  test "a quote within plain text is text" do
    assert Fields.split(~s(5" disk,b"c)) == {:ok, [~s(5" disk), ~s(b"c)]}
    assert Fields.split(~s( "a")) == {:ok, [~s( "a")]}
  end

  test "errors" do
    assert Fields.split(~s("open,b)) == :error
    assert Fields.split(~s("a"b,c)) == :error
    assert Fields.split(~s(")) == :error
  end

  test "joins" do
    assert Fields.join(["a", "b,c", ~s(d"e), ""]) == ~s(a,"b,c","d""e",)
    assert Fields.join(["5' disk", " x "]) == "5' disk, x "
  end

  test "split undoes join" do
    fields = ["", ~s("), ",", "plain", ~s(","), "ä"]
    assert fields |> Fields.join() |> Fields.split() == {:ok, fields}
  end
end
