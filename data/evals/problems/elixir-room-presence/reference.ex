defmodule Presence do
  use GenServer

  def start_link, do: GenServer.start_link(__MODULE__, [])

  def enter(pid, room, name, member), do: GenServer.call(pid, {:enter, room, name, member})
  def leave(pid, room, member), do: GenServer.call(pid, {:leave, room, member})
  def who(pid, room), do: GenServer.call(pid, {:who, room})
  def rooms(pid, member), do: GenServer.call(pid, {:rooms, member})
  def watched(pid), do: GenServer.call(pid, :watched)

  @impl true
  def init([]), do: {:ok, %{inside: %{}, monitors: %{}}}

  @impl true
  def handle_call({:enter, room, name, member}, _from, state) do
    if is_map_key(state.inside, {room, member}) do
      {:reply, {:error, :inside}, state}
    else
      inside = Map.put(state.inside, {room, member}, name)
      monitors = Map.put_new_lazy(state.monitors, member, fn -> Process.monitor(member) end)
      {:reply, :ok, %{state | inside: inside, monitors: monitors}}
    end
  end

  def handle_call({:leave, room, member}, _from, state) do
    case Map.pop(state.inside, {room, member}) do
      {nil, _inside} -> {:reply, {:error, :outside}, state}
      {_name, inside} -> {:reply, :ok, release(%{state | inside: inside}, member)}
    end
  end

  def handle_call({:who, room}, _from, state) do
    names = for({{^room, _member}, name} <- state.inside, do: name) |> Enum.sort() |> Enum.dedup()
    {:reply, names, state}
  end

  def handle_call({:rooms, member}, _from, state) do
    {:reply, Enum.sort(for {{room, ^member}, _name} <- state.inside, do: room), state}
  end

  def handle_call(:watched, _from, state), do: {:reply, map_size(state.monitors), state}

  @impl true
  def handle_info({:DOWN, _monitor, :process, member, _reason}, state) do
    inside = Map.reject(state.inside, fn {{_room, who}, _name} -> who == member end)
    {:noreply, %{state | inside: inside, monitors: Map.delete(state.monitors, member)}}
  end

  defp release(state, member) do
    if inside?(state, member) do
      state
    else
      {monitor, monitors} = Map.pop!(state.monitors, member)
      Process.demonitor(monitor, [:flush])
      %{state | monitors: monitors}
    end
  end

  defp inside?(state, member), do: Enum.any?(state.inside, &match?({{_, ^member}, _}, &1))
end
