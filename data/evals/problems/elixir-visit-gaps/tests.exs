defmodule VisitsTest do
  use ExUnit.Case, async: true

  defp group(clicks, gap), do: clicks |> Visits.group(gap) |> Enum.to_list()

  test "nothing and one" do
    assert group([], 5) == []
    assert group([{7, :home}], 5) == [{7, 7, [:home]}]
  end

  test "a visit goes on up to the gap" do
    clicks = [{0, :a}, {10, :b}, {20, :c}, {31, :d}]
    assert group(clicks, 10) == [{0, 20, [:a, :b, :c]}, {31, 31, [:d]}]
    assert group(clicks, 11) == [{0, 31, [:a, :b, :c, :d]}]
    assert group(clicks, 9) == for({t, p} <- clicks, do: {t, t, [p]})
  end

  test "a gap of nothing" do
    assert group([{1, "x"}, {1, "y"}, {2, "x"}], 0) == [{1, 1, ["x", "y"]}, {2, 2, ["x"]}]
  end

  test "the same page again at once stands there once" do
    assert group([{0, :a}, {1, :a}, {2, :b}, {3, :b}, {4, :a}], 1) == [{0, 4, [:a, :b, :a]}]
    assert group([{0, :a}, {9, :a}], 1) == [{0, 0, [:a]}, {9, 9, [:a]}]
    assert group([{0, nil}, {1, nil}, {2, 1}, {3, 1.0}], 1) == [{0, 3, [nil, 1, 1.0]}]
  end

  test "endless clicks" do
    clicks = Stream.map(Stream.iterate(0, &(&1 + 1)), fn n -> {n * 2 + div(n, 3) * 10, n} end)

    assert clicks |> Visits.group(2) |> Enum.take(2) ==
             [{0, 4, [0, 1, 2]}, {16, 20, [3, 4, 5]}]
  end

  test "nothing is read before it is asked for" do
    test = self()

    clicks =
      Stream.map([{0, :a}, {1, :b}, {50, :c}, {99, :d}], fn click ->
        send(test, {:read, click})
        click
      end)

    visits = Visits.group(clicks, 5)
    refute_received {:read, _}
    assert Enum.take(visits, 1) == [{0, 1, [:a, :b]}]
    assert_receive {:read, {50, :c}}, 5_000
    refute_received {:read, {99, :d}}
  end
end
