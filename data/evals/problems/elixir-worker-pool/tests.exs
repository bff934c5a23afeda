defmodule PoolTest do
  use ExUnit.Case, async: true

  test "workers count their questions" do
    {:ok, pool} = Pool.start_link(3)
    assert Pool.hire(pool, "ann") == :ok
    assert Pool.hire(pool, "bo") == :ok
    assert Pool.ask(pool, "ann") == {:ok, 1}
    assert Pool.ask(pool, "ann") == {:ok, 2}
    assert Pool.ask(pool, "bo") == {:ok, 1}
    assert Pool.names(pool) == ["ann", "bo"]
  end

  test "nobody of that name" do
    {:ok, pool} = Pool.start_link(1)
    assert Pool.names(pool) == []
    assert Pool.ask(pool, "x") == {:error, :unknown}
    assert Pool.fire(pool, "x") == {:error, :unknown}
    assert Pool.crash(pool, "x") == {:error, :unknown}
  end

  test "full and taken" do
    {:ok, pool} = Pool.start_link(2)
    :ok = Pool.hire(pool, "ann")
    assert Pool.hire(pool, "ann") == {:error, :taken}
    :ok = Pool.hire(pool, "bo")
    assert Pool.hire(pool, "cy") == {:error, :full}
    assert Pool.hire(pool, "bo") == {:error, :taken}
    assert Pool.names(pool) == ["ann", "bo"]
  end

  test "firing makes room" do
    {:ok, pool} = Pool.start_link(1)
    :ok = Pool.hire(pool, "ann")
    assert Pool.fire(pool, "ann") == :ok
    assert Pool.ask(pool, "ann") == {:error, :unknown}
    assert Pool.hire(pool, "bo") == :ok
    assert Pool.names(pool) == ["bo"]
  end

  test "a crashed worker is back and counts anew" do
    {:ok, pool} = Pool.start_link(2)
    :ok = Pool.hire(pool, "ann")
    :ok = Pool.hire(pool, "bo")
    Pool.ask(pool, "ann")
    Pool.ask(pool, "bo")
    assert Pool.crash(pool, "ann") == :ok
    assert Pool.ask(pool, "ann") == {:ok, 1}
    assert Pool.ask(pool, "bo") == {:ok, 2}
    for _ <- 1..10, do: assert(Pool.crash(pool, "bo") == :ok)
    assert Pool.names(pool) == ["ann", "bo"]
  end

  test "pools share nothing" do
    {:ok, one} = Pool.start_link(1)
    {:ok, two} = Pool.start_link(1)
    :ok = Pool.hire(one, "ann")
    assert Pool.names(two) == []
    assert Pool.hire(two, "ann") == :ok
    Pool.ask(one, "ann")
    assert Pool.ask(two, "ann") == {:ok, 1}
  end
end
