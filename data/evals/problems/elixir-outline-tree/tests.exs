defmodule OutlineTest do
  use ExUnit.Case, async: true

  @tree [
    {"Intro", []},
    {"Trees", [{"Oak", [{"Leaf", []}, {"Bark", []}]}, {"Ash", []}]},
    {"End", [{"Index", []}]}
  ]

  @text """
  Intro
  Trees
    Oak
      Leaf
      Bark
    Ash
  End
    Index
  """

  test "reads levels" do
    assert Outline.parse(@text) == {:ok, @tree}
    assert Outline.parse("One") == {:ok, [{"One", []}]}
    assert Outline.parse("a b\n  c  d") == {:ok, [{"a b", [{"c  d", []}]}]}
  end

  test "reads nothing" do
    for text <- ["", "\n", "   \n\n  "], do: assert(Outline.parse(text) == {:ok, []})
  end

  test "empty lines do not matter" do
    assert Outline.parse("\na\n\n     \n  b\n\nc\n") == {:ok, [{"a", [{"b", []}]}, {"c", []}]}
  end

  test "wrong lines" do
    assert Outline.parse("  a") == {:error, {:indent, 1}}
    assert Outline.parse("a\n b\n   c") == {:error, {:indent, 2}}
    assert Outline.parse("a\n  b\n      c\n x") == {:error, {:indent, 3}}
    assert Outline.parse("\n\na\n   b") == {:error, {:indent, 4}}
    assert Outline.parse("a\n  b\nc\n    d") == {:error, {:indent, 4}}
  end

  test "numbers" do
    assert Outline.number([]) == []

    assert Outline.number(@tree) == [
             "1 Intro",
             "2 Trees",
             "2.1 Oak",
             "2.1.1 Leaf",
             "2.1.2 Bark",
             "2.2 Ash",
             "3 End",
             "3.1 Index"
           ]
  end

  test "more than nine" do
    outline = for n <- 1..12, do: {"t#{n}", [{"u", []}]}
    assert "12.1 u" == outline |> Outline.number() |> List.last()
    assert "10 t10" in Outline.number(outline)
  end

  test "depth" do
    assert Outline.depth([]) == 0
    assert Outline.depth([{"a", []}]) == 1
    assert Outline.depth(@tree) == 3
    assert Outline.depth([{"a", [{"b", []}]}, {"c", []}]) == 2
  end
end
