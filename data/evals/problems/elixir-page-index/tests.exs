defmodule IndexTest do
  use ExUnit.Case, async: true

  test "no pages, no words" do
    assert Index.invert(%{}) == %{}
    assert Index.invert(%{1 => "", 2 => "  \n"}) == %{}
  end

  test "words and their pages" do
    assert Index.invert(%{1 => "owl fox", 2 => "fox", 3 => "owl  bear\n"}) ==
             %{"owl" => [1, 3], "fox" => [1, 2], "bear" => [3]}
  end

  test "capitals and repeats make no difference" do
    assert Index.invert(%{7 => "Über über ÜBER owl", -1 => "Owl OWL"}) ==
             %{"über" => [7], "owl" => [-1, 7]}
  end

  test "short words are left out, many pages are sorted" do
    pages = Map.new(1..60, &{&1, "a no ßß yes"})
    assert Index.invert(pages) == %{"yes" => Enum.to_list(1..60)}
  end
end
