defmodule RoomsTest do
  use ExUnit.Case, async: true

  # a process that is in a room until the test tells it to end
  defp guest(rooms, room, nick) do
    test = self()

    {pid, ref} =
      spawn_monitor(fn ->
        send(test, {self(), Rooms.join(rooms, room, nick)})
        listen(test)
      end)

    assert_receive {^pid, :ok}, 5_000
    {pid, ref}
  end

  defp listen(test) do
    receive do
      :end ->
        :ok

      other ->
        send(test, {:heard, self(), other})
        listen(test)
    end
  end

  defp until(value, ask, tries \\ 1_000)
  defp until(value, ask, 0), do: assert(ask.() == value)

  defp until(value, ask, tries) do
    unless ask.() == value do
      Process.sleep(5)
      until(value, ask, tries - 1)
    end
  end

  test "an empty room" do
    {:ok, rooms} = Rooms.start_link()
    assert Rooms.who(rooms, :lounge) == []
    assert Rooms.say(rooms, :lounge, "hello?") == 0
    assert Rooms.leave(rooms, :lounge) == :ok
    assert Rooms.mine(rooms) == []
  end

  test "members hear what is said, also by themselves" do
    {:ok, rooms} = Rooms.start_link()
    {ann, _} = guest(rooms, :lounge, "ann")
    assert Rooms.join(rooms, :lounge, "me") == :ok
    assert Rooms.who(rooms, :lounge) == ["ann", "me"]
    assert Rooms.say(rooms, :lounge, "hi") == 2
    assert_receive {:said, :lounge, "hi"}, 5_000
    assert_receive {:heard, ^ann, {:said, :lounge, "hi"}}, 5_000
    refute_received _
  end

  test "rooms are apart" do
    {:ok, rooms} = Rooms.start_link()
    {ann, _} = guest(rooms, {:table, 1}, "ann")
    assert Rooms.join(rooms, {:table, 2}, "me") == :ok
    assert Rooms.say(rooms, {:table, 1}, "one") == 1
    assert_receive {:heard, ^ann, {:said, {:table, 1}, "one"}}, 5_000
    assert Rooms.say(rooms, {:table, 2}, "two") == 1
    assert_receive {:said, {:table, 2}, "two"}, 5_000
    refute_received _
  end

  test "a process is a member once and leaves one room at a time" do
    {:ok, rooms} = Rooms.start_link()
    assert Rooms.join(rooms, "b", "x") == :ok
    assert Rooms.join(rooms, "a", "x") == :ok
    assert Rooms.join(rooms, "a", "y") == {:error, :member}
    assert Rooms.who(rooms, "a") == ["x"]
    assert Rooms.mine(rooms) == ["a", "b"]
    assert Rooms.leave(rooms, "b") == :ok
    assert Rooms.mine(rooms) == ["a"]
    assert Rooms.who(rooms, "b") == []
    assert Rooms.join(rooms, "b", "z") == :ok
    assert Rooms.who(rooms, "b") == ["z"]
  end

  test "who ends is no member any more" do
    {:ok, rooms} = Rooms.start_link()
    {ann, ref} = guest(rooms, :r, "twin")
    {bo, _} = guest(rooms, :r, "twin")
    assert Rooms.who(rooms, :r) == ["twin", "twin"]
    send(ann, :end)
    assert_receive {:DOWN, ^ref, :process, _, _}, 5_000
    until(["twin"], fn -> Rooms.who(rooms, :r) end)
    assert Rooms.say(rooms, :r, "left?") == 1
    assert_receive {:heard, ^bo, {:said, :r, "left?"}}, 5_000
  end

  test "several share nothing" do
    {:ok, one} = Rooms.start_link()
    {:ok, two} = Rooms.start_link()
    assert Rooms.join(one, :r, "me") == :ok
    assert Rooms.who(two, :r) == []
    assert Rooms.mine(two) == []
    assert Rooms.join(two, :r, "other") == :ok
    assert Rooms.say(one, :r, "x") == 1
    assert Rooms.who(one, :r) == ["me"]
  end
end
