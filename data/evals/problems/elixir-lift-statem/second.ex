defmodule Lift do
  @behaviour :gen_statem

  def start_link(floor), do: :gen_statem.start_link(__MODULE__, floor, [])
  def request(pid, floor), do: :gen_statem.call(pid, {:request, floor})
  def step(pid), do: :gen_statem.call(pid, :step)
  def state(pid), do: :gen_statem.call(pid, :state)
  def pending(pid), do: :gen_statem.call(pid, :pending)

  @impl true
  def callback_mode, do: :state_functions

  # `way` is the direction in which it came to the floor where it is open, if there was one
  @impl true
  def init(floor), do: {:ok, :idle, %{floor: floor, pending: [], way: nil}}

  def idle({:call, from}, :step, %{pending: []} = lift), do: enter(:idle, lift, from)

  def idle({:call, from}, :step, lift) do
    if lift.floor in lift.pending,
      do: halt(lift, nil, from),
      else: lift |> nearest() |> move(lift, from)
  end

  def idle(kind, event, lift), do: common(kind, event, lift, :idle)

  def up({:call, from}, :step, lift), do: move(:up, lift, from)
  def up(kind, event, lift), do: common(kind, event, lift, :up)

  def down({:call, from}, :step, lift), do: move(:down, lift, from)
  def down(kind, event, lift), do: common(kind, event, lift, :down)

  def open({:call, from}, :step, %{pending: []} = lift), do: enter(:idle, lift, from)
  def open({:call, from}, :step, %{way: nil} = lift), do: enter(nearest(lift), lift, from)

  def open({:call, from}, :step, %{way: way} = lift) do
    further? = Enum.any?(lift.pending, &(&1 > lift.floor == (way == :up)))
    enter(if(further?, do: way, else: other(way)), lift, from)
  end

  def open({:call, from}, {:request, floor}, %{floor: floor}),
    do: {:keep_state_and_data, {:reply, from, :ok}}

  def open(kind, event, lift), do: common(kind, event, lift, :open)

  defp common({:call, from}, {:request, floor}, lift, _state),
    do: {:keep_state, %{lift | pending: :ordsets.add_element(floor, lift.pending)}, {:reply, from, :ok}}

  defp common({:call, from}, :state, lift, state),
    do: {:keep_state_and_data, {:reply, from, {state, lift.floor}}}

  defp common({:call, from}, :pending, lift, _state),
    do: {:keep_state_and_data, {:reply, from, lift.pending}}

  defp move(way, lift, from) do
    lift = %{lift | floor: lift.floor + if(way == :up, do: 1, else: -1)}
    if lift.floor in lift.pending, do: halt(lift, way, from), else: enter(way, lift, from)
  end

  defp halt(lift, way, from),
    do: enter(:open, %{lift | pending: List.delete(lift.pending, lift.floor), way: way}, from)

  defp enter(state, lift, from), do: {:next_state, state, lift, {:reply, from, {state, lift.floor}}}

  defp nearest(lift) do
    if Enum.min_by(lift.pending, &{abs(&1 - lift.floor), -&1}) > lift.floor, do: :up, else: :down
  end

  defp other(:up), do: :down
  defp other(:down), do: :up
end
