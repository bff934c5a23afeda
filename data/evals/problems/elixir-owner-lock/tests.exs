defmodule MutexTest do
  use ExUnit.Case, async: true

  # a process that locks, tells, and then does as it is told
  defp locker(pid) do
    test = self()

    spawn(fn ->
      send(test, {self(), Mutex.lock(pid)})
      obey(pid, test)
    end)
  end

  defp obey(pid, test) do
    receive do
      :unlock ->
        send(test, {self(), Mutex.unlock(pid)})
        obey(pid, test)

      {:end, reason} ->
        exit(reason)
    end
  end

  defp until(pid, count, tries \\ 600) do
    cond do
      Mutex.queue(pid) == count -> :ok
      tries == 0 -> flunk("#{Mutex.queue(pid)} wait, not #{count}")
      true -> Process.sleep(5) && until(pid, count, tries - 1)
    end
  end

  test "held by one" do
    {:ok, pid} = Mutex.start_link()
    assert Mutex.unlock(pid) == {:error, :not_holder}
    assert Mutex.lock(pid) == :ok
    assert Mutex.lock(pid) == {:error, :held}
    assert Mutex.try_lock(pid) == :busy
    assert Task.await(Task.async(fn -> Mutex.try_lock(pid) end)) == :busy
    assert Task.await(Task.async(fn -> Mutex.unlock(pid) end)) == {:error, :not_holder}
    assert Mutex.unlock(pid) == :ok
    assert Mutex.try_lock(pid) == :ok
  end

  test "in the order of asking" do
    {:ok, pid} = Mutex.start_link()
    :ok = Mutex.lock(pid)
    one = locker(pid)
    until(pid, 1)
    two = locker(pid)
    until(pid, 2)
    assert Mutex.unlock(pid) == :ok
    assert_receive {^one, :ok}, 20_000
    assert Mutex.queue(pid) == 1
    refute_received {^two, _}
    send(one, :unlock)
    assert_receive {^one, :ok}, 20_000
    assert_receive {^two, :ok}, 20_000
  end

  test "a holder that ends gives it free" do
    {:ok, pid} = Mutex.start_link()

    for reason <- [:normal, :boom, :shutdown] do
      holder = locker(pid)
      assert_receive {^holder, :ok}, 20_000
      next = locker(pid)
      until(pid, 1)
      send(holder, {:end, reason})
      assert_receive {^next, :ok}, 20_000
      send(next, :unlock)
      assert_receive {^next, :ok}, 20_000
    end
  end

  test "one that ends waits no longer" do
    {:ok, pid} = Mutex.start_link()
    :ok = Mutex.lock(pid)
    gone = locker(pid)
    until(pid, 1)
    last = locker(pid)
    until(pid, 2)
    Process.exit(gone, :kill)
    until(pid, 1)
    Mutex.unlock(pid)
    assert_receive {^last, :ok}, 20_000
  end
end
