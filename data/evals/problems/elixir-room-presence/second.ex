defmodule Presence do
  use GenServer

  # member → {monitor, %{room => name}}
  def start_link, do: GenServer.start_link(__MODULE__, %{})
  def enter(pid, room, name, member), do: GenServer.call(pid, {:enter, room, name, member})
  def leave(pid, room, member), do: GenServer.call(pid, {:leave, room, member})
  def who(pid, room), do: GenServer.call(pid, {:who, room})
  def rooms(pid, member), do: GenServer.call(pid, {:rooms, member})
  def watched(pid), do: GenServer.call(pid, :watched)

  @impl true
  def init(members), do: {:ok, members}

  @impl true
  def handle_call({:enter, room, name, member}, _, members) do
    case members do
      %{^member => {_, %{^room => _}}} -> {:reply, {:error, :inside}, members}
      %{^member => {ref, rooms}} -> {:reply, :ok, %{members | member => {ref, Map.put(rooms, room, name)}}}
      _ -> {:reply, :ok, Map.put(members, member, {Process.monitor(member), %{room => name}})}
    end
  end

  def handle_call({:leave, room, member}, _, members) do
    case members do
      %{^member => {ref, %{^room => _} = rooms}} when map_size(rooms) == 1 ->
        Process.demonitor(ref, [:flush])
        {:reply, :ok, Map.delete(members, member)}

      %{^member => {ref, %{^room => _} = rooms}} ->
        {:reply, :ok, %{members | member => {ref, Map.delete(rooms, room)}}}

      _ ->
        {:reply, {:error, :outside}, members}
    end
  end

  def handle_call({:who, room}, _, members) do
    names = for {_, {_, %{^room => name}}} <- members, uniq: true, do: name
    {:reply, Enum.sort(names), members}
  end

  def handle_call({:rooms, member}, _, members) do
    {_, rooms} = Map.get(members, member, {nil, %{}})
    {:reply, Enum.sort(Map.keys(rooms)), members}
  end

  def handle_call(:watched, _, members), do: {:reply, map_size(members), members}

  @impl true
  def handle_info({:DOWN, _, :process, member, _}, members), do: {:noreply, Map.delete(members, member)}
  def handle_info(_, members), do: {:noreply, members}
end
