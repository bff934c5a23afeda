defmodule BannerTest do
  use ExUnit.Case, async: true

  test "what is not given has a default" do
    assert Banner.options([]) == {:ok, %{width: 20, align: :left, fill: " "}}
    assert Banner.options(align: :right) == {:ok, %{width: 20, align: :right, fill: " "}}

    assert Banner.options(fill: "é", width: 1, align: :center) ==
             {:ok, %{width: 1, align: :center, fill: "é"}}
  end

  test "the last of several counts" do
    assert Banner.options(width: 3, fill: "-", width: 7) ==
             {:ok, %{width: 7, align: :left, fill: "-"}}

    assert Banner.options(width: 0, width: 7) == {:error, {:bad, :width}}
  end

  test "wrong options" do
    assert Banner.options(size: 3) == {:error, {:unknown, :size}}

    for bad <- [0, -2, 2.0, "3", nil],
        do: assert(Banner.options(width: bad) == {:error, {:bad, :width}})

    for bad <- [:middle, "left"],
        do: assert(Banner.options(align: bad) == {:error, {:bad, :align}})

    for bad <- ["", "ab", :a, ?a],
        do: assert(Banner.options(fill: bad) == {:error, {:bad, :fill}})
  end

  test "the first fault is told" do
    assert Banner.options(width: 0, size: 1) == {:error, {:bad, :width}}
    assert Banner.options(fill: "x", size: 1, width: 0) == {:error, {:unknown, :size}}
    assert Banner.make("a", size: 1, width: 0) == {:error, {:unknown, :size}}
  end

  test "text stands as asked" do
    assert Banner.make("ab", width: 5) == {:ok, "ab   "}
    assert Banner.make("ab", width: 5, align: :right, fill: ".") == {:ok, "...ab"}
    assert Banner.make("ab", width: 6, align: :center, fill: "*") == {:ok, "**ab**"}
    assert Banner.make("ab", width: 5, align: :center, fill: "*") == {:ok, "*ab**"}
    assert Banner.make("", []) == {:ok, String.duplicate(" ", 20)}
  end

  test "characters are counted, and nothing is cut" do
    assert Banner.make("über", width: 6, fill: "ß") == {:ok, "überßß"}
    assert Banner.make("longer", width: 3) == {:ok, "longer"}
    assert Banner.make("abc", width: 3, align: :center) == {:ok, "abc"}
  end
end
