defmodule Rooms do
  def start_link do
    name = :"rooms_#{System.unique_integer([:positive])}"
    {:ok, _pid} = Registry.start_link(keys: :duplicate, name: name)
    {:ok, name}
  end

  def join(rooms, room, nick) do
    if room in mine(rooms) do
      {:error, :member}
    else
      {:ok, _owner} = Registry.register(rooms, room, nick)
      :ok
    end
  end

  def leave(rooms, room) do
    Registry.unregister(rooms, room)
  end

  def say(rooms, room, text) do
    Registry.dispatch(rooms, room, fn members ->
      for {pid, _nick} <- members, do: send(pid, {:said, room, text})
    end)

    length(Registry.lookup(rooms, room))
  end

  def who(rooms, room) do
    rooms
    |> Registry.lookup(room)
    |> Enum.map(fn {_pid, nick} -> nick end)
    |> Enum.sort()
  end

  def mine(rooms), do: rooms |> Registry.keys(self()) |> Enum.sort()
end
