defmodule FoldTest do
  use ExUnit.Case, async: true

  test "sums" do
    assert Fold.run(Fold.Sum, 0, [1, 2, 3]) == {:done, 6, 3}
    assert Fold.run(Fold.Sum, 10, []) == {:done, 10, 0}
    assert Fold.run(Fold.Sum, 0, 1..100) == {:done, 5050, 100}
  end

  test "the longest string" do
    assert Fold.run(Fold.Longest, :any, ["ab", "größe", "abcde", "a"]) == {:done, "größe", 4}
    assert Fold.run(Fold.Longest, nil, [:long_atom, 'list', "", 7]) == {:done, "", 4}
    assert Fold.run(Fold.Longest, nil, [1, 2]) == {:done, nil, 2}
    assert Fold.run(Fold.Longest, "argument", ["a"]) == {:done, "a", 1}
  end

  test "until" do
    assert Fold.run(Fold.Until, :stop, [1, 2, :stop, 3]) == {:halted, [1, 2], 3}
    assert Fold.run(Fold.Until, 0, [2, 1]) == {:done, [2, 1], 2}
    assert Fold.run(Fold.Until, 1, [1.0, 2]) == {:halted, [], 1}
  end

  test "events without end" do
    assert Fold.run(Fold.Until, 50, Stream.iterate(1, &(&1 + 1))) == {:halted, Enum.to_list(1..49), 50}
  end

  test "the balance" do
    events = [in: 5, out: 3, out: 4, in: 1, out: 2, in: 100]
    assert Fold.run(Fold.Balance, 2, events) == {:halted, -1, 5}
    assert Fold.run(Fold.Balance, 3, events) == {:done, 97, 6}
    assert Fold.run(Fold.Balance, 0, out: 1) == {:halted, 0, 1}
    assert Fold.run(Fold.Balance, 0, in: 1, out: 1) == {:done, 0, 2}
  end

  test "no event is taken too much" do
    test = self()

    events =
      Stream.map([1, 2, :stop, 3], fn event ->
        send(test, {:taken, event})
        event
      end)

    assert Fold.run(Fold.Until, :stop, events) == {:halted, [1, 2], 3}
    for event <- [1, 2, :stop], do: assert_received({:taken, ^event})
    refute_received {:taken, _}
  end

  test "callbacks and defaults" do
    assert Enum.sort(Fold.behaviour_info(:callbacks)) == [finish: 1, start: 1, step: 2]
    assert Fold.Sum.start(:arg) == :arg
    assert Fold.Sum.finish({:any, 1}) == {:any, 1}
    assert Fold.Sum.step(2, 3) == {:next, 5}
  end
end
