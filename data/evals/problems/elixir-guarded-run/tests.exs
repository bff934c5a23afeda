defmodule GuardedTest do
  use ExUnit.Case, async: true

  test "values and exits" do
    assert Guarded.run({:value, 7}) == {:ok, 7}
    assert Guarded.run({:value, nil}) == {:ok, nil}
    assert Guarded.run({:exit, :boom}) == {:exit, :boom}
    assert Guarded.run({:exit, :normal}) == {:exit, :normal}
    assert Guarded.run({:exit, {:shutdown, 1}}) == {:exit, {:shutdown, 1}}
  end

  test "an exit goes through a link" do
    assert Guarded.run({:linked, :crash}) == {:exit, :crash}
    assert Guarded.run({:linked, :normal}) == {:ok, :survived}
  end

  test "a family falls together, unless the end is normal" do
    assert Guarded.family(:boom) == 0
    assert Guarded.family(:shutdown) == 0
    assert Guarded.family(:normal) == 3
  end

  test "the caller is as before" do
    for flag <- [false, true] do
      Process.flag(:trap_exit, flag)
      before = Process.info(self(), [:trap_exit, :links, :monitors])
      Guarded.run({:exit, :boom})
      Guarded.run({:linked, :boom})
      Guarded.family(:boom)
      Guarded.family(:normal)
      assert Process.info(self(), [:trap_exit, :links, :monitors]) == before
      refute_received _
    end
  end
end
