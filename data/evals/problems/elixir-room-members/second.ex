defmodule Rooms do
  def start_link do
    name = :"rooms #{System.unique_integer([:positive])}"
    with {:ok, _} <- Registry.start_link(keys: :unique, name: name), do: {:ok, name}
  end

  def join(rooms, room, nick) do
    case Registry.register(rooms, {room, self()}, nick) do
      {:ok, _} -> :ok
      {:error, {:already_registered, _}} -> {:error, :member}
    end
  end

  def leave(rooms, room), do: Registry.unregister(rooms, {room, self()})

  def say(rooms, room, text) do
    rooms |> members(room) |> Enum.map(fn {pid, _} -> send(pid, {:said, room, text}) end) |> length()
  end

  def who(rooms, room), do: rooms |> members(room) |> Enum.map(&elem(&1, 1)) |> Enum.sort()

  def mine(rooms), do: Enum.sort(for {room, _} <- Registry.keys(rooms, self()), do: room)

  # the registry may not have heard yet that a process has ended
  defp members(rooms, room) do
    rooms
    |> Registry.select([
      {{{:"$1", :"$2"}, :_, :"$3"}, [{:"=:=", :"$1", {:const, room}}], [{{:"$2", :"$3"}}]}
    ])
    |> Enum.filter(fn {pid, _} -> Process.alive?(pid) end)
  end
end
