defmodule RingTest do
  use ExUnit.Case, async: true

  test "the token goes round" do
    assert Ring.pass(3, 4) == [1, 2, 3, 1, 2]
    assert Ring.pass(2, 5) == [1, 2, 1, 2, 1, 2]
  end

  test "no hop and one process" do
    assert Ring.pass(4, 0) == [1]
    assert Ring.pass(1, 3) == [1, 1, 1, 1]
  end

  test "many" do
    seen = Ring.pass(100, 1000)
    assert length(seen) == 1001
    assert Enum.take(seen, -2) == [100, 1]
  end

  test "adds up, one process for each" do
    assert {10, pids} = Ring.sum([1, 2, 3, 4])
    assert length(Enum.uniq(pids)) == 4
    refute self() in pids
    assert Ring.sum([]) == {0, []}
    assert {-5, [_]} = Ring.sum([-5])
  end

  test "nothing is left" do
    {_sum, pids} = Ring.sum([1, 2, 3])
    Ring.pass(3, 7)
    refute Enum.any?(pids, &Process.alive?/1)
    refute_received _
  end
end
