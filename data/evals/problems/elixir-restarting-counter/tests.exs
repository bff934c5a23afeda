defmodule CountersTest do
  use ExUnit.Case, async: true

  test "counts by name" do
    {:ok, pid} = Counters.start_link([:a, :b])
    assert Counters.value(pid, :a) == 0
    assert Counters.bump(pid, :a) == 1
    assert Counters.bump(pid, :a) == 2
    assert Counters.value(pid, :b) == 0
  end

  test "a crashed counter starts again from zero" do
    {:ok, pid} = Counters.start_link([:a])
    Counters.bump(pid, :a)
    assert Counters.restarts(pid, :a) == 0
    assert Counters.crash(pid, :a) == :ok
    assert Counters.value(pid, :a) == 0
    assert Counters.bump(pid, :a) == 1
    assert Counters.restarts(pid, :a) == 1
  end

  test "the others keep their values" do
    {:ok, pid} = Counters.start_link([:a, :b, :c])
    for name <- [:a, :b, :c], do: Counters.bump(pid, name)
    Counters.crash(pid, :b)
    assert for(name <- [:a, :b, :c], do: Counters.value(pid, name)) == [1, 0, 1]
    assert for(name <- [:a, :b, :c], do: Counters.restarts(pid, name)) == [0, 1, 0]
  end

  test "many crashes are survived" do
    {:ok, pid} = Counters.start_link(["x", "y"])
    Counters.bump(pid, "y")
    for _ <- 1..20, do: assert(Counters.crash(pid, "x") == :ok)
    assert Counters.restarts(pid, "x") == 20
    assert Counters.value(pid, "y") == 1
  end

  test "two supervisors do not share" do
    {:ok, one} = Counters.start_link([:a])
    {:ok, two} = Counters.start_link([:a])
    Counters.bump(one, :a)
    Counters.crash(two, :a)
    assert Counters.value(one, :a) == 1
    assert {Counters.restarts(one, :a), Counters.restarts(two, :a)} == {0, 1}
  end
end
