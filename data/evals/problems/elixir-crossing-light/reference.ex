defmodule Crossing do
  @behaviour :gen_statem

  def start_link(car_time, walk_time) do
    :gen_statem.start_link(__MODULE__, {car_time, walk_time}, [])
  end

  def press(pid), do: :gen_statem.call(pid, :press)
  def tick(pid), do: :gen_statem.call(pid, :tick)
  def state(pid), do: :gen_statem.call(pid, :state)
  def walks(pid), do: :gen_statem.call(pid, :walks)

  @impl true
  def callback_mode, do: :state_functions

  @impl true
  def init({car_time, walk_time}) do
    data = %{car_time: car_time, walk_time: walk_time, ticks: 0, pressed: false, walks: 0}
    {:ok, :cars, data}
  end

  def cars({:call, from}, :press, data) do
    {:keep_state, %{data | pressed: true}, {:reply, from, :wait}}
  end

  def cars({:call, from}, :tick, data) do
    ticks = data.ticks + 1

    if data.pressed and ticks >= data.car_time do
      data = %{data | ticks: 0, pressed: false, walks: data.walks + 1}
      {:next_state, :walk, data, {:reply, from, :walk}}
    else
      {:keep_state, %{data | ticks: ticks}, {:reply, from, :cars}}
    end
  end

  def cars({:call, from}, ask, data), do: tell(from, ask, :cars, data)

  def walk({:call, from}, :press, _data), do: {:keep_state_and_data, {:reply, from, :walk}}

  def walk({:call, from}, :tick, data) do
    ticks = data.ticks + 1

    if ticks == data.walk_time do
      {:next_state, :cars, %{data | ticks: 0}, {:reply, from, :cars}}
    else
      {:keep_state, %{data | ticks: ticks}, {:reply, from, :walk}}
    end
  end

  def walk({:call, from}, ask, data), do: tell(from, ask, :walk, data)

  defp tell(from, :state, state, _data), do: {:keep_state_and_data, {:reply, from, state}}
  defp tell(from, :walks, _state, data), do: {:keep_state_and_data, {:reply, from, data.walks}}
end
