defmodule GaugeTest do
  use ExUnit.Case, async: true

  defp wait(pid, limit) do
    test = self()

    task =
      Task.async(fn ->
        send(test, {:asking, limit})
        Gauge.reach(pid, limit)
      end)

    assert_receive {:asking, ^limit}, 5_000
    task
  end

  # what was sent may be on its way for a moment
  defp until(pid, total, tries \\ 1_000)
  defp until(pid, total, 0), do: assert(Gauge.total(pid) == total)

  defp until(pid, total, tries) do
    unless Gauge.total(pid) == total do
      Process.sleep(5)
      until(pid, total, tries - 1)
    end
  end

  test "nothing at first" do
    {:ok, pid} = Gauge.start_link(["in", :out])
    assert Gauge.total(pid) == 0
    assert Gauge.sensors(pid) == %{"in" => nil, :out => nil}
  end

  test "readings are added, the largest is kept" do
    {:ok, pid} = Gauge.start_link([:a, :b])
    for value <- [3, 9, 4], do: send(pid, {:reading, :a, value})
    send(pid, {:reading, :b, -5})
    until(pid, 11)
    assert Gauge.sensors(pid) == %{a: 9, b: -5}
    send(pid, {:reading, :b, -7})
    until(pid, 4)
    assert Gauge.sensors(pid) == %{a: 9, b: -5}
  end

  test "other messages are ignored" do
    {:ok, pid} = Gauge.start_link([:a])
    send(pid, {:reading, :z, 5})
    send(pid, {:reading, :a, 1.5})
    send(pid, {:reading, :a, "5"})
    send(pid, {:reading, :a})
    send(pid, :hello)
    send(pid, nil)
    send(pid, {:reading, :a, 2})
    until(pid, 2)
    assert Gauge.sensors(pid) == %{a: 2}
  end

  test "a limit that is reached is told at once" do
    {:ok, pid} = Gauge.start_link([:a])
    assert Task.await(wait(pid, 0), 6_000) == {:ok, 0}
    send(pid, {:reading, :a, 7})
    until(pid, 7)
    assert Task.await(wait(pid, 7), 6_000) == {:ok, 7}
    assert Task.await(wait(pid, -1), 6_000) == {:ok, 7}
  end

  test "callers wait each for their limit" do
    {:ok, pid} = Gauge.start_link([:a])
    high = wait(pid, 100)
    low = wait(pid, 10)
    # the readings come one by one until the low one is answered
    assert feed(pid, low) >= 10
    assert Task.yield(high, 0) == nil
    send(pid, {:reading, :a, 200})
    assert {:ok, total} = Task.await(high, 6_000)
    assert total == Gauge.total(pid)
  end

  test "who jumps over a limit reaches it" do
    {:ok, pid} = Gauge.start_link([:a])
    tasks = for limit <- [5, 6, 7], do: wait(pid, limit)
    send(pid, {:reading, :a, 50})
    assert Enum.map(Task.await_many(tasks, 6_000), &elem(&1, 0)) == [:ok, :ok, :ok]
    send(pid, {:reading, :a, -45})
    until(pid, 5)
    assert Task.await(wait(pid, 5), 6_000) == {:ok, 5}
  end

  defp feed(pid, task, tries \\ 40)
  defp feed(_pid, _task, 0), do: flunk("nobody was answered")

  defp feed(pid, task, tries) do
    send(pid, {:reading, :a, 2})

    case Task.yield(task, if(tries < 35, do: 200, else: 0)) do
      {:ok, {:ok, total}} -> total
      nil -> feed(pid, task, tries - 1)
    end
  end
end
