defmodule BarrierTest do
  use ExUnit.Case, async: true

  defp come(pid, name) do
    task = Task.async(fn -> Barrier.arrive(pid, name) end)
    until(fn -> name in Barrier.here(pid) end, 600)
    task
  end

  defp until(_done?, 0), do: flunk("nobody came")

  defp until(done?, tries) do
    unless done?.() do
      Process.sleep(5)
      until(done?, tries - 1)
    end
  end

  test "one is enough for one" do
    {:ok, pid} = Barrier.start_link(1)
    assert Barrier.here(pid) == []
    assert Barrier.arrive(pid, :a) == {:go, 1, [:a]}
    assert Barrier.arrive(pid, :a) == {:go, 2, [:a]}
  end

  test "all go at once" do
    {:ok, pid} = Barrier.start_link(3)
    b = come(pid, :b)
    a = come(pid, :a)
    assert Barrier.here(pid) == [:b, :a]
    assert Barrier.arrive(pid, :c) == {:go, 1, [:b, :a, :c]}
    assert Task.await_many([a, b], 6_000) == List.duplicate({:go, 1, [:b, :a, :c]}, 2)
    assert Barrier.here(pid) == []
  end

  test "rounds are counted" do
    {:ok, pid} = Barrier.start_link(2)

    for round <- 1..3 do
      one = come(pid, :one)
      assert Barrier.arrive(pid, round) == {:go, round, [:one, round]}
      assert Task.await(one, 6_000) == {:go, round, [:one, round]}
    end
  end

  test "nobody waits twice" do
    {:ok, pid} = Barrier.start_link(2)
    a = come(pid, :a)
    assert Barrier.arrive(pid, :a) == {:error, :here}
    assert Barrier.here(pid) == [:a]
    assert Barrier.arrive(pid, :b) == {:go, 1, [:a, :b]}
    assert Task.await(a, 6_000) == {:go, 1, [:a, :b]}
  end
end
