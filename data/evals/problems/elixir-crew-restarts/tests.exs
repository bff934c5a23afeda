defmodule CrewTest do
  use ExUnit.Case, async: true

  @all [always: :permanent, sometimes: :transient, once: :temporary]

  test "all work at the start" do
    {:ok, pid} = Crew.start_link(@all)
    assert Crew.working(pid) == [:always, :once, :sometimes]
    assert Crew.note(pid, :once, "a") == :ok
    assert Crew.note(pid, :once, "b") == :ok
    assert Crew.notes(pid, :once) == ["a", "b"]
    assert Crew.notes(pid, :always) == []
  end

  test "a crash" do
    {:ok, pid} = Crew.start_link(@all)
    assert Crew.finish(pid, :always, :boom) == :back
    assert Crew.finish(pid, :sometimes, {:bad, 1}) == :back
    assert Crew.finish(pid, :once, :boom) == :gone
    assert Crew.working(pid) == [:always, :sometimes]
  end

  test "an orderly end" do
    for reason <- [:normal, :shutdown] do
      {:ok, pid} = Crew.start_link(@all)
      assert Crew.finish(pid, :always, reason) == :back
      assert Crew.finish(pid, :sometimes, reason) == :gone
      assert Crew.finish(pid, :once, reason) == :gone
      assert Crew.working(pid) == [:always]
      assert Crew.finish(pid, :once, reason) == {:error, :away}
    end
  end

  test "notes are lost with the worker, those of others are kept" do
    {:ok, pid} = Crew.start_link(a: :permanent, b: :permanent, c: :temporary)
    for name <- [:a, :b, :c], do: Crew.note(pid, name, "x")
    assert Crew.finish(pid, :a, :oops) == :back
    assert Crew.finish(pid, :c, :oops) == :gone
    assert Crew.notes(pid, :a) == []
    assert Crew.notes(pid, :b) == ["x"]
    assert Crew.note(pid, :c, "y") == {:error, :away}
    assert Crew.notes(pid, :c) == {:error, :away}
    assert Crew.notes(pid, :nobody) == {:error, :away}
  end

  test "reviving" do
    {:ok, pid} = Crew.start_link(@all)
    assert Crew.revive(pid, :sometimes) == {:error, :working}
    assert Crew.note(pid, :sometimes, "old") == :ok
    assert Crew.finish(pid, :sometimes, :normal) == :gone
    assert Crew.revive(pid, :sometimes) == :ok
    assert Crew.notes(pid, :sometimes) == []
    assert Crew.working(pid) == [:always, :once, :sometimes]
    assert Crew.finish(pid, :sometimes, :boom) == :back
    assert Crew.finish(pid, :once, :normal) == :gone
    assert Crew.revive(pid, :once) == {:error, :unknown}
    assert Crew.revive(pid, :nobody) == {:error, :unknown}
  end

  test "many crashes" do
    {:ok, pid} = Crew.start_link(a: :permanent, b: :permanent)
    Crew.note(pid, :b, "kept")
    for n <- 1..30, do: assert(Crew.finish(pid, :a, {:crash, n}) == :back)
    assert Crew.notes(pid, :b) == ["kept"]
  end
end
