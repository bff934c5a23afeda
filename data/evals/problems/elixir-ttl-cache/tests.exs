defmodule CacheTest do
  use ExUnit.Case, async: true

  test "a miss and a hit" do
    {:ok, cache} = Cache.start_link(100)
    assert Cache.get(cache, :a, 0) == :miss
    assert Cache.put(cache, :a, 1, 0) == :ok
    assert Cache.get(cache, :a, 50) == {:ok, 1}
    assert Cache.get(cache, :b, 50) == :miss
  end

  test "nil is a value" do
    {:ok, cache} = Cache.start_link(100)
    Cache.put(cache, :a, nil, 0)
    assert Cache.get(cache, :a, 1) == {:ok, nil}
  end

  test "ends when the time is over" do
    {:ok, cache} = Cache.start_link(100)
    Cache.put(cache, :a, 1, 1000)
    assert Cache.get(cache, :a, 1099) == {:ok, 1}
    assert Cache.get(cache, :a, 1100) == :miss
  end

  test "reading prolongs nothing, storing does" do
    {:ok, cache} = Cache.start_link(100)
    Cache.put(cache, :a, 1, 0)
    Cache.put(cache, :b, 1, 0)
    assert Cache.get(cache, :a, 90) == {:ok, 1}
    Cache.put(cache, :b, 2, 90)
    assert Cache.get(cache, :a, 110) == :miss
    assert Cache.get(cache, :b, 110) == {:ok, 2}
  end

  test "counts what is alive" do
    {:ok, cache} = Cache.start_link(10)
    Cache.put(cache, :a, 1, 0)
    Cache.put(cache, :b, 1, 5)
    Cache.put(cache, :b, 2, 5)
    assert Cache.size(cache, 9) == 2
    assert Cache.size(cache, 12) == 1
    assert Cache.size(cache, 15) == 0
  end
end
