defmodule QuotaTest do
  use ExUnit.Case, async: true

  defp quota(limit, period) do
    {:ok, pid} = Quota.start_link(limit, period)
    pid
  end

  test "spends up to the limit" do
    pid = quota(10, 100)
    assert Quota.left(pid, :a, 0) == 10
    assert Quota.spend(pid, :a, 4, 0) == {:ok, 6}
    assert Quota.spend(pid, :a, 6, 5) == {:ok, 0}
    assert Quota.left(pid, :a, 5) == 0
    assert Quota.spend(pid, :a, 1, 6) == {:error, 100}
  end

  test "comes back" do
    pid = quota(10, 100)
    {:ok, _} = Quota.spend(pid, :a, 4, 0)
    {:ok, _} = Quota.spend(pid, :a, 6, 50)
    assert Quota.left(pid, :a, 99) == 0
    assert Quota.left(pid, :a, 100) == 4
    assert Quota.spend(pid, :a, 4, 100) == {:ok, 0}
    assert Quota.left(pid, :a, 150) == 6
    assert Quota.left(pid, :a, 200) == 10
  end

  test "the earliest time" do
    pid = quota(10, 100)
    for {n, now} <- [{3, 0}, {3, 10}, {3, 20}], do: {:ok, _} = Quota.spend(pid, :a, n, now)
    assert Quota.spend(pid, :a, 2, 30) == {:error, 100}
    assert Quota.spend(pid, :a, 4, 30) == {:error, 100}
    assert Quota.spend(pid, :a, 5, 30) == {:error, 110}
    assert Quota.spend(pid, :a, 8, 30) == {:error, 120}
    assert Quota.spend(pid, :a, 11, 30) == {:error, :never}
    assert Quota.spend(pid, :a, 1, 30) == {:ok, 0}
    assert Quota.spend(pid, :a, 10, 30) == {:error, 130}
  end

  test "what was refused does not count" do
    pid = quota(3, 10)
    assert Quota.spend(pid, :a, 2, 0) == {:ok, 1}
    assert Quota.spend(pid, :a, 2, 1) == {:error, 10}
    assert Quota.spend(pid, :a, 1, 2) == {:ok, 0}
    assert Quota.spend(pid, :a, 2, 10) == {:ok, 0}
  end

  test "keys apart" do
    pid = quota(2, 10)
    assert Quota.spend(pid, :b, 2, 0) == {:ok, 0}
    assert Quota.spend(pid, {:a, 1}, 1, 0) == {:ok, 1}
    assert Quota.left(pid, "c", 0) == 2
    assert Quota.left(pid, {:a, 1}, 0) == 1
  end

  test "keys that count" do
    pid = quota(5, 10)
    assert Quota.keys(pid, 0) == []
    {:ok, _} = Quota.spend(pid, :z, 1, 0)
    {:ok, _} = Quota.spend(pid, :b, 1, 5)
    {:ok, _} = Quota.spend(pid, :z, 1, 6)
    {:error, :never} = Quota.spend(pid, :q, 6, 6)
    assert Quota.keys(pid, 6) == [:b, :z]
    assert Quota.keys(pid, 15) == [:z]
    assert Quota.keys(pid, 16) == []
  end
end
