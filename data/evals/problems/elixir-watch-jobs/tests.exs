defmodule WatchTest do
  use ExUnit.Case, async: true

  test "how jobs end" do
    {:ok, pid} = Watch.start_link()
    assert Watch.spawn_job(pid, :a, {:exit, :normal}) == :ok
    assert Watch.spawn_job(pid, :b, {:exit, {:bad, 1}}) == :ok
    assert Watch.fate(pid, :a) == {:ended, :normal}
    assert Watch.fate(pid, :b) == {:ended, {:bad, 1}}
    assert Watch.fate(pid, :c) == :unknown
    assert Watch.running(pid) == []
  end

  test "waiting jobs run until told" do
    {:ok, pid} = Watch.start_link()
    for name <- [:b, :a], do: Watch.spawn_job(pid, name, :wait)
    assert Watch.running(pid) == [:a, :b]
    assert Watch.finish(pid, :a, :done) == :ok
    assert Watch.fate(pid, :a) == {:ended, :done}
    assert Watch.running(pid) == [:b]
    assert Watch.finish(pid, :b, :kill) == :ok
    assert Watch.fate(pid, :b) == {:ended, :killed}
  end

  test "a name is used once at a time" do
    {:ok, pid} = Watch.start_link()
    :ok = Watch.spawn_job(pid, :a, :wait)
    assert Watch.spawn_job(pid, :a, :wait) == {:error, :running}
    Watch.finish(pid, :a, :one)
    assert Watch.fate(pid, :a) == {:ended, :one}
    assert Watch.spawn_job(pid, :a, :wait) == :ok
    assert Watch.running(pid) == [:a]
    Watch.finish(pid, :a, :two)
    assert Watch.fate(pid, :a) == {:ended, :two}
  end

  test "nothing to finish" do
    {:ok, pid} = Watch.start_link()
    assert Watch.finish(pid, :a, :x) == {:error, :unknown}
    Watch.spawn_job(pid, :a, {:exit, :x})
    Watch.fate(pid, :a)
    assert Watch.finish(pid, :a, :x) == {:error, :unknown}
  end

  test "several wait, and the server answers others" do
    {:ok, pid} = Watch.start_link()
    Watch.spawn_job(pid, :a, :wait)
    waiting = for _ <- 1..3, do: Task.async(fn -> Watch.fate(pid, :a) end)
    assert Watch.running(pid) == [:a]
    assert Watch.spawn_job(pid, :b, {:exit, :shutdown}) == :ok
    assert Watch.fate(pid, :b) == {:ended, :shutdown}
    Watch.finish(pid, :a, :over)
    assert Task.await_many(waiting, 6_000) == List.duplicate({:ended, :over}, 3)
  end
end
