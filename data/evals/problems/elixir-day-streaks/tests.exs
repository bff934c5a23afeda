defmodule StreaksTest do
  use ExUnit.Case, async: true

  test "nobody was there" do
    assert Streaks.longest([]) == []
    assert Streaks.current([], 5) == %{}
  end

  test "the longest streak of each" do
    visits = [{"bo", 4}, {"al", 1}, {"al", 2}, {"bo", 6}, {"al", 5}, {"bo", 5}, {"cy", 9}]
    assert Streaks.longest(visits) == [{"bo", 3, 4}, {"al", 2, 1}, {"cy", 1, 9}]
  end

  test "order and repetition do not matter" do
    visits = for n <- [3, 1, 2, 2, -1, 0, 3, 7, 8, 7], do: {"x", n}
    assert Streaks.longest(visits) == [{"x", 5, -1}]
    assert Streaks.longest(Enum.reverse(visits)) == [{"x", 5, -1}]
    assert Streaks.longest([{"y", 2}, {"y", 2}, {"z", 3}, {"z", 4}]) == [{"z", 2, 3}, {"y", 1, 2}]
  end

  test "the latest of equally long streaks, names in order" do
    visits = for name <- ["b", "a"], day <- [1, 2, 10, 11, 20], do: {name, day}
    assert Streaks.longest(visits) == [{"a", 2, 10}, {"b", 2, 10}]
  end

  test "streaks that go on" do
    visits =
      for {name, days} <- [a: [3, 4, 5], b: [4, 2, 3], c: [3], d: [5], e: [1, 2, 5, 4]],
          day <- days,
          do: {name, day}

    assert Streaks.current(visits, 5) == %{a: 3, b: 3, d: 1, e: 2}
    assert Streaks.current(visits, 6) == %{a: 3, d: 1, e: 2}
    assert Streaks.current(visits, 7) == %{}
  end

  test "the future is left out" do
    visits = for day <- [1, 2, 3, 4, 6], do: {"a", day}
    assert Streaks.current(visits, 3) == %{"a" => 3}
    assert Streaks.current(visits, 5) == %{"a" => 4}
    assert Streaks.current(visits, 0) == %{}
    assert Streaks.current([{"a", 1}, {"b", 4}], 3) == %{}
  end
end
