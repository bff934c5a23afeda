defmodule Lift do
  @behaviour :gen_statem

  def start_link(floor), do: :gen_statem.start_link(__MODULE__, floor, [])
  def request(pid, floor), do: :gen_statem.call(pid, {:request, floor})
  def step(pid), do: :gen_statem.call(pid, :step)
  def state(pid), do: :gen_statem.call(pid, :state)
  def pending(pid), do: :gen_statem.call(pid, :pending)

  @impl true
  def callback_mode, do: :handle_event_function

  @impl true
  def init(floor), do: {:ok, :idle, %{floor: floor, heading: :none, calls: MapSet.new()}}

  @impl true
  def handle_event({:call, from}, {:request, floor}, :open, %{floor: floor}) do
    {:keep_state_and_data, {:reply, from, :ok}}
  end

  def handle_event({:call, from}, {:request, floor}, _state, data) do
    {:keep_state, %{data | calls: MapSet.put(data.calls, floor)}, {:reply, from, :ok}}
  end

  def handle_event({:call, from}, :state, state, data) do
    {:keep_state_and_data, {:reply, from, {state, data.floor}}}
  end

  def handle_event({:call, from}, :pending, _state, data) do
    {:keep_state_and_data, {:reply, from, Enum.sort(data.calls)}}
  end

  def handle_event({:call, from}, :step, :idle, data) do
    cond do
      MapSet.size(data.calls) == 0 ->
        stop(from, :idle, data)

      data.floor in data.calls ->
        stop(from, :open, %{data | calls: MapSet.delete(data.calls, data.floor)})

      true ->
        move(from, nearest(data), data)
    end
  end

  def handle_event({:call, from}, :step, :open, data) do
    case course(data) do
      :idle = course -> stop(from, course, %{data | heading: :none})
      course -> stop(from, course, data)
    end
  end

  def handle_event({:call, from}, :step, way, data), do: move(from, way, data)

  defp move(from, way, data) do
    floor = data.floor + if way == :up, do: 1, else: -1

    if floor in data.calls do
      calls = MapSet.delete(data.calls, floor)
      stop(from, :open, %{data | floor: floor, heading: way, calls: calls})
    else
      stop(from, way, %{data | floor: floor})
    end
  end

  defp stop(from, state, data),
    do: {:next_state, state, data, {:reply, from, {state, data.floor}}}

  defp course(%{heading: heading} = data) do
    cond do
      MapSet.size(data.calls) == 0 -> :idle
      heading == :none -> nearest(data)
      ahead?(data, heading) -> heading
      true -> other(heading)
    end
  end

  defp ahead?(data, :up), do: Enum.any?(data.calls, &(&1 > data.floor))
  defp ahead?(data, :down), do: Enum.any?(data.calls, &(&1 < data.floor))

  defp other(:up), do: :down
  defp other(:down), do: :up

  defp nearest(data) do
    target = Enum.min_by(data.calls, fn floor -> {abs(floor - data.floor), -floor} end)
    if target > data.floor, do: :up, else: :down
  end
end
