defmodule HoardTest do
  use ExUnit.Case, async: true

  defp until(_done?, 0), do: flunk("it never came")

  defp until(done?, tries) do
    unless done?.() do
      Process.sleep(5)
      until(done?, tries - 1)
    end
  end

  # it may fail as long as the keeper has not heard of the end
  defp handovers(pid) do
    Hoard.handovers(pid)
  catch
    :exit, _reason -> :not_yet
  end

  test "puts and gets" do
    {:ok, pid} = Hoard.start_link()
    assert Hoard.get(pid, :a) == :error
    assert Hoard.put(pid, :a, 1) == :ok
    assert Hoard.put(pid, "b", nil) == :ok
    assert Hoard.put(pid, :a, 2) == :ok
    assert Hoard.get(pid, :a) == {:ok, 2}
    assert Hoard.get(pid, "b") == {:ok, nil}
    assert Hoard.handovers(pid) == 0
  end

  test "the worker owns the table" do
    {:ok, pid} = Hoard.start_link()
    worker = Hoard.worker(pid)
    assert is_pid(worker)
    assert worker != pid
    assert Hoard.owner(pid) == worker
  end

  test "values survive a crash" do
    {:ok, pid} = Hoard.start_link()
    for n <- 1..9, do: Hoard.put(pid, n, n * n)
    old = Hoard.worker(pid)
    assert Hoard.crash(pid, :kill) == :ok
    assert Hoard.worker(pid) != old
    assert Hoard.owner(pid) == Hoard.worker(pid)
    assert for(n <- 1..9, do: Hoard.get(pid, n)) == for(n <- 1..9, do: {:ok, n * n})
    assert Hoard.put(pid, 1, :new) == :ok
    assert Hoard.get(pid, 1) == {:ok, :new}
    assert Hoard.handovers(pid) == 1
  end

  test "any reason ends a worker" do
    {:ok, pid} = Hoard.start_link()
    Hoard.put(pid, :k, :v)

    for {reason, n} <- Enum.with_index([:shutdown, {:bad, 1}, :kill], 1) do
      monitor = Process.monitor(Hoard.worker(pid))
      assert Hoard.crash(pid, reason) == :ok
      assert_receive {:DOWN, ^monitor, :process, _, _}, 10_000
      assert Hoard.handovers(pid) == n
      assert Hoard.get(pid, :k) == {:ok, :v}
    end
  end

  test "many crashes are survived" do
    {:ok, pid} = Hoard.start_link()

    for n <- 1..20 do
      assert Hoard.put(pid, n, n) == :ok
      assert Hoard.crash(pid, :kill) == :ok
    end

    assert Hoard.handovers(pid) == 20
    assert Enum.all?(1..20, &(Hoard.get(pid, &1) == {:ok, &1}))
  end

  test "a worker may be killed from outside" do
    {:ok, pid} = Hoard.start_link()
    {:ok, other} = Hoard.start_link()
    Hoard.put(pid, :a, 1)
    Hoard.put(other, :a, 2)
    Process.exit(Hoard.worker(pid), :kill)
    until(fn -> handovers(pid) == 1 end, 1000)
    assert Hoard.owner(pid) == Hoard.worker(pid)
    assert Hoard.get(pid, :a) == {:ok, 1}
    assert Hoard.put(pid, :b, 3) == :ok
    assert Hoard.handovers(other) == 0
    assert Hoard.get(other, :a) == {:ok, 2}
    assert Hoard.get(other, :b) == :error
  end

  test "the worker goes with the keeper" do
    Process.flag(:trap_exit, true)
    {:ok, pid} = Hoard.start_link()
    Hoard.crash(pid, :kill)
    monitor = Process.monitor(Hoard.worker(pid))
    Process.exit(pid, :kill)
    assert_receive {:DOWN, ^monitor, :process, _, _}, 10_000
  end
end
