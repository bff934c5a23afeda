defmodule PresenceTest do
  use ExUnit.Case, async: true

  defp member, do: spawn(fn -> receive(do: ({:stop, reason} -> exit(reason))) end)

  defp stop(member, reason) do
    monitor = Process.monitor(member)
    send(member, {:stop, reason})
    assert_receive {:DOWN, ^monitor, :process, _, _}, 10_000
  end

  defp until(_done?, 0), do: flunk("it never came")

  defp until(done?, tries) do
    unless done?.() do
      Process.sleep(5)
      until(done?, tries - 1)
    end
  end

  test "enters and leaves" do
    {:ok, pid} = Presence.start_link()
    one = member()
    assert Presence.who(pid, "hall") == []
    assert Presence.enter(pid, "hall", "ann", one) == :ok
    assert Presence.who(pid, "hall") == ["ann"]
    assert Presence.leave(pid, "hall", one) == :ok
    assert Presence.leave(pid, "hall", one) == {:error, :outside}
    assert Presence.who(pid, "hall") == []
  end

  test "a process is in a room once" do
    {:ok, pid} = Presence.start_link()
    one = member()
    assert Presence.enter(pid, "hall", "ann", one) == :ok
    assert Presence.enter(pid, "hall", "eve", one) == {:error, :inside}
    assert Presence.who(pid, "hall") == ["ann"]
    assert Presence.enter(pid, "attic", "eve", one) == :ok
    assert Presence.who(pid, "attic") == ["eve"]
    assert Presence.rooms(pid, one) == ["attic", "hall"]
  end

  test "names are told once" do
    {:ok, pid} = Presence.start_link()
    [one, two, three] = for _ <- 1..3, do: member()
    for {who, name} <- [{one, "bob"}, {two, "ann"}, {three, "bob"}] do
      assert Presence.enter(pid, "hall", name, who) == :ok
    end
    assert Presence.who(pid, "hall") == ["ann", "bob"]
    assert Presence.leave(pid, "hall", one) == :ok
    assert Presence.who(pid, "hall") == ["ann", "bob"]
    assert Presence.leave(pid, "hall", three) == :ok
    assert Presence.who(pid, "hall") == ["ann"]
    assert Presence.rooms(pid, one) == []
  end

  test "who ends leaves all rooms" do
    {:ok, pid} = Presence.start_link()
    [one, two] = for _ <- 1..2, do: member()
    for room <- ["a", "b", "c"], do: Presence.enter(pid, room, "ann", one)
    for room <- ["b", "c"], do: Presence.enter(pid, room, "bob", two)
    stop(one, :normal)
    until(fn -> Presence.rooms(pid, one) == [] end, 1000)
    assert for(room <- ["a", "b", "c"], do: Presence.who(pid, room)) == [[], ["bob"], ["bob"]]
    stop(two, {:bad, :end})
    until(fn -> Presence.who(pid, "b") == [] end, 1000)
    assert Presence.who(pid, "c") == []
  end

  test "one monitor for each process" do
    {:ok, pid} = Presence.start_link()
    [one, two] = for _ <- 1..2, do: member()
    assert Presence.watched(pid) == 0
    for room <- ["a", "b"], who <- [one, two], do: Presence.enter(pid, room, "x", who)
    assert Presence.watched(pid) == 2
    Presence.leave(pid, "a", one)
    assert Presence.watched(pid) == 2
    Presence.leave(pid, "b", one)
    assert Presence.watched(pid) == 1
    stop(two, :shutdown)
    until(fn -> Presence.watched(pid) == 0 end, 1000)
    assert Presence.enter(pid, "a", "again", one) == :ok
    assert Presence.watched(pid) == 1
  end

  test "who left one room is still watched" do
    {:ok, pid} = Presence.start_link()
    one = member()
    for room <- ["a", "b"], do: Presence.enter(pid, room, "x", one)
    Presence.leave(pid, "a", one)
    stop(one, :kill)
    until(fn -> Presence.who(pid, "b") == [] end, 1000)
    assert Presence.watched(pid) == 0
  end

  test "the dead do not stay" do
    {:ok, pid} = Presence.start_link()
    one = member()
    stop(one, :normal)
    assert Presence.enter(pid, "a", "ghost", one) == :ok
    until(fn -> Presence.who(pid, "a") == [] end, 1000)
    assert Presence.watched(pid) == 0
    assert Presence.rooms(pid, one) == []
  end
end
