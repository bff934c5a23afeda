defmodule WeaveTest do
  use ExUnit.Case, async: true

  defp id, do: fn item -> item end

  # tells us of each item that is asked for
  defp told(items, name) do
    test = self()
    Stream.map(items, fn item -> tap(item, &send(test, {:asked, name, &1})) end)
  end

  defp asked(so_far \\ []) do
    receive do
      {:asked, name, item} -> asked([{name, item} | so_far])
    after
      0 -> Enum.sort(so_far)
    end
  end

  test "finite sources" do
    assert Enum.to_list(Weave.merge([], id())) == []
    assert Enum.to_list(Weave.merge([[], []], id())) == []
    assert Enum.to_list(Weave.merge([[1, 4, 4, 9], [], [2, 4], 3..5], id())) == [1, 2, 3, 4, 4, 4, 4, 5, 9]
  end

  test "infinite sources" do
    threes = Stream.iterate(3, &(&1 + 3))
    fives = Stream.iterate(5, &(&1 + 5))
    merged = Weave.merge([threes, fives, [1, 100]], id())
    assert Enum.take(merged, 9) == [1, 3, 5, 6, 9, 10, 12, 15, 15]
    assert merged |> Stream.drop_while(&(&1 < 99)) |> Enum.take(3) == [99, 100, 100]
  end

  test "equal keys keep the order of the sources" do
    a = [{1, :a1}, {1, :a2}, {3, :a3}]
    b = [{0, :b0}, {1, :b1}, {3, :b3}]
    key = &elem(&1, 0)
    assert Keyword.values(Enum.map(Weave.merge([a, b], key), fn {_, x} -> {:x, x} end)) == [:b0, :a1, :a2, :b1, :a3, :b3]
    assert Enum.map(Weave.merge([b, a], key), &elem(&1, 1)) == [:b0, :b1, :a1, :a2, :b3, :a3]
  end

  test "the key decides" do
    assert Enum.to_list(Weave.merge([[9, 5, 1], [8, 5, 2]], &(-&1))) == [9, 8, 5, 5, 2, 1]
    assert Enum.to_list(Weave.merge([["z", "aa"], ["b", "ccc"]], &String.length/1)) == ["z", "b", "aa", "ccc"]
  end

  test "nothing is asked for too early" do
    merged = Weave.merge([told([1, 5, 6], :a), told([2, 3, 9], :b)], id())
    assert asked() == []
    assert Enum.take(merged, 1) == [1]
    assert asked() == [a: 1, b: 2]
    assert Enum.take(merged, 2) == [1, 2]
    assert asked() == [a: 1, a: 5, b: 2]
    assert Enum.take(merged, 3) == [1, 2, 3]
    assert asked() == [a: 1, a: 5, b: 2, b: 3]
  end

  test "sources are stopped" do
    test = self()

    source = fn name, from ->
      Stream.resource(fn -> from end, &{[&1], &1 + 1}, fn _ -> send(test, {:closed, name}) end)
    end

    merged = Weave.merge([source.(:a, 0), source.(:b, 2)], id())
    assert Enum.take(merged, 4) == [0, 1, 2, 2]
    assert_received {:closed, :a}
    assert_received {:closed, :b}
    refute_received {:closed, _}
  end

  test "it can be enumerated again" do
    merged = Weave.merge([[1, 3], [2]], id())
    assert Enum.to_list(merged) == [1, 2, 3]
    assert Enum.take(merged, 2) == [1, 2]
    assert Enum.zip(merged, merged) == [{1, 1}, {2, 2}, {3, 3}]
  end
end
