defmodule Gauge do
  use GenServer

  def start_link(names), do: GenServer.start_link(__MODULE__, names)
  def total(pid), do: GenServer.call(pid, :total)
  def sensors(pid), do: GenServer.call(pid, :sensors)
  def reach(pid, limit), do: GenServer.call(pid, {:reach, limit}, :infinity)

  @impl true
  def init(names) do
    {:ok, %{total: 0, sensors: Map.new(names, &{&1, nil}), waiting: []}}
  end

  @impl true
  def handle_call(:total, _from, state), do: {:reply, state.total, state}
  def handle_call(:sensors, _from, state), do: {:reply, state.sensors, state}

  def handle_call({:reach, limit}, _from, %{total: total} = state) when total >= limit do
    {:reply, {:ok, total}, state}
  end

  def handle_call({:reach, limit}, from, state) do
    {:noreply, %{state | waiting: [{limit, from} | state.waiting]}}
  end

  @impl true
  def handle_info({:reading, sensor, value}, %{sensors: sensors} = state)
      when is_map_key(sensors, sensor) and is_integer(value) do
    total = state.total + value
    {there, waiting} = Enum.split_with(state.waiting, fn {limit, _from} -> limit <= total end)
    for {_limit, from} <- there, do: GenServer.reply(from, {:ok, total})
    {:noreply, %{state | total: total, sensors: note(state, sensor, value), waiting: waiting}}
  end

  def handle_info(_other, state), do: {:noreply, state}

  defp note(state, sensor, value) do
    Map.update!(state.sensors, sensor, fn
      nil -> value
      largest -> max(largest, value)
    end)
  end
end
