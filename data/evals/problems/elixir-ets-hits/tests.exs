defmodule HitsTest do
  use ExUnit.Case, async: true

  test "counts" do
    {:ok, hits} = Hits.start_link()
    assert Hits.count(hits, "/") == 0
    assert Hits.hit(hits, "/") == 1
    assert Hits.hit(hits, "/") == 2
    assert Hits.hit(hits, "/about", 5) == 5
    assert Hits.hit(hits, "/about", 2) == 7
    assert Hits.count(hits, "/") == 2
  end

  test "the top pages" do
    {:ok, hits} = Hits.start_link()
    for {page, n} <- [{"b", 3}, {"a", 3}, {"d", 9}, {"c", 1}], do: Hits.hit(hits, page, n)
    assert Hits.top(hits, 3) == [{"d", 9}, {"a", 3}, {"b", 3}]
    assert Hits.top(hits, 0) == []
    assert length(Hits.top(hits, 10)) == 4
  end

  test "several share nothing" do
    {:ok, one} = Hits.start_link()
    {:ok, two} = Hits.start_link()
    Hits.hit(one, "/")
    assert Hits.count(two, "/") == 0
    assert Hits.top(two, 5) == []
  end

  test "no hit is lost" do
    {:ok, hits} = Hits.start_link()

    1..8
    |> Enum.map(fn _ -> Task.async(fn -> for(_ <- 1..200, do: Hits.hit(hits, "/")) end) end)
    |> Task.await_many(10_000)

    assert Hits.count(hits, "/") == 1600
  end
end
