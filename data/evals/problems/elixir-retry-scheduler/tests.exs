defmodule SchedulerTest do
  use ExUnit.Case, async: true

  test "priorities, then the longest wait" do
    {:ok, pid} = Scheduler.start_link(10, 1)
    assert Scheduler.take(pid) == :empty
    for {job, priority} <- [low: 1, b: 5, a: 5, top: 9], do: Scheduler.submit(pid, job, priority)
    taken = for _ <- 1..4, do: Scheduler.take(pid)
    assert taken == [{:ok, :top}, {:ok, :b}, {:ok, :a}, {:ok, :low}]
    assert Scheduler.take(pid) == :empty
  end

  test "only so many at once" do
    {:ok, pid} = Scheduler.start_link(1, 1)
    Scheduler.submit(pid, :a, 1)
    Scheduler.submit(pid, :b, 1)
    assert Scheduler.take(pid) == {:ok, :a}
    assert Scheduler.take(pid) == :busy
    assert Scheduler.done(pid, :a) == :ok
    assert Scheduler.take(pid) == {:ok, :b}
    assert Scheduler.take(pid) == :busy
  end

  test "failed jobs wait again, behind their equals" do
    {:ok, pid} = Scheduler.start_link(1, 3)
    for job <- [:a, :b], do: Scheduler.submit(pid, job, 2)
    Scheduler.submit(pid, :low, 1)
    assert Scheduler.take(pid) == {:ok, :a}
    assert Scheduler.fail(pid, :a) == :ok
    assert Scheduler.take(pid) == {:ok, :b}
    Scheduler.done(pid, :b)
    assert Scheduler.take(pid) == {:ok, :a}
  end

  test "given up after all attempts" do
    {:ok, pid} = Scheduler.start_link(1, 2)
    Scheduler.submit(pid, :a, 1)
    for _ <- 1..2 do
      assert Scheduler.take(pid) == {:ok, :a}
      assert Scheduler.fail(pid, :a) == :ok
    end
    assert Scheduler.take(pid) == :empty
    assert Scheduler.report(pid) == %{waiting: [], out: [], done: [], given_up: [:a]}
  end

  test "only what is out can end" do
    {:ok, pid} = Scheduler.start_link(1, 2)
    Scheduler.submit(pid, :a, 1)
    assert Scheduler.done(pid, :a) == {:error, :not_out}
    Scheduler.take(pid)
    Scheduler.done(pid, :a)
    assert Scheduler.fail(pid, :a) == {:error, :not_out}
    assert Scheduler.report(pid) == %{waiting: [], out: [], done: [:a], given_up: []}
  end

  test "reports sorted lists" do
    {:ok, pid} = Scheduler.start_link(2, 1)
    for job <- [:c, :a, :d, :b], do: Scheduler.submit(pid, job, 0)
    for _ <- 1..2, do: Scheduler.take(pid)
    assert Scheduler.report(pid) == %{waiting: [:b, :d], out: [:a, :c], done: [], given_up: []}
  end
end
