defmodule UrgentTest do
  use ExUnit.Case, async: true

  defp queue(pairs) do
    Enum.reduce(pairs, Urgent.new(), fn {item, p}, queue -> Urgent.push(queue, item, p) end)
  end

  test "an empty queue" do
    assert Urgent.pop(Urgent.new()) == :empty
    assert Urgent.size(Urgent.new()) == 0
    assert Urgent.to_list(Urgent.new()) == []
  end

  test "the most urgent first" do
    queue = queue(a: 3, b: -1, c: 2)
    assert Urgent.size(queue) == 3
    assert {:ok, :b, queue} = Urgent.pop(queue)
    assert {:ok, :c, queue} = Urgent.pop(queue)
    assert Urgent.size(queue) == 1
    assert {:ok, :a, queue} = Urgent.pop(queue)
    assert Urgent.pop(queue) == :empty
    assert Urgent.size(queue) == 0
  end

  test "equals keep their order" do
    pairs = for n <- 1..60, do: {60 - n, rem(n, 4)}
    assert Urgent.to_list(queue(pairs)) == Enum.sort_by(pairs, &elem(&1, 1))
    assert Urgent.to_list(queue(x: 1, x: 1, x: 0)) == [x: 0, x: 1, x: 1]
  end

  test "old versions stay" do
    old = queue(a: 1, b: 2)
    new = Urgent.push(old, :c, 0)
    assert {:ok, :c, _} = Urgent.pop(new)
    assert {:ok, :a, rest} = Urgent.pop(old)
    assert Urgent.to_list(old) == [a: 1, b: 2]
    assert Urgent.to_list(Urgent.push(rest, :d, 2)) == [b: 2, d: 2]
  end

  test "merged queues keep their order" do
    left = queue(l1: 1, l2: 2, l3: 1)
    right = queue(r1: 1, r2: 0, r3: 2, r4: 1)
    merged = Urgent.merge(left, right)
    assert Urgent.size(merged) == 7
    assert Urgent.to_list(merged) == [r2: 0, l1: 1, l3: 1, r1: 1, r4: 1, l2: 2, r3: 2]
    later = merged |> Urgent.push(:late, 1) |> Urgent.push(:last, 2)
    assert Keyword.keys(Urgent.to_list(later)) == [:r2, :l1, :l3, :r1, :r4, :late, :l2, :r3, :last]
    assert Urgent.to_list(Urgent.merge(Urgent.new(), right)) == Urgent.to_list(right)
    assert Urgent.to_list(Urgent.merge(left, Urgent.new())) == Urgent.to_list(left)
  end

  test "merging again and again" do
    groups = for g <- 1..12, do: for(n <- 1..g, do: {{g, n}, rem(g * n, 3)})
    merged = Enum.reduce(groups, Urgent.new(), &Urgent.merge(&2, queue(&1)))
    expected = groups |> Enum.concat() |> Enum.sort_by(&elem(&1, 1))
    assert Urgent.to_list(merged) == expected
    {:ok, _item, left} = Urgent.pop(merged)
    twice = Urgent.merge(left, merged)
    assert Urgent.to_list(twice) == Enum.sort_by(tl(expected) ++ expected, &elem(&1, 1))
  end

  test "many items" do
    pairs = for n <- 1..50, do: {n, rem(n * 7919, 31)}
    {queue, all} =
      Enum.reduce(1..9, {queue(pairs), pairs}, fn _, {queue, all} ->
        {Urgent.merge(queue, queue), all ++ all}
      end)

    assert Urgent.size(queue) == 25_600
    assert Urgent.to_list(queue) == Enum.sort_by(all, &elem(&1, 1))
  end
end
