defmodule Crossing do
  @behaviour :gen_statem

  def start_link(cars, walk), do: :gen_statem.start_link(__MODULE__, {cars, walk}, [])
  def tick(pid), do: :gen_statem.call(pid, :tick)
  def press(pid), do: :gen_statem.call(pid, :press)
  def state(pid), do: :gen_statem.call(pid, :state)
  def walks(pid), do: :gen_statem.call(pid, :walks)

  @impl true
  def callback_mode, do: :state_functions

  # {ticks of both, ticks that have passed, pressed?, walks}
  @impl true
  def init(times), do: {:ok, :cars, {times, 0, false, 0}}

  def cars({:call, from}, :tick, {{least, _} = times, passed, pressed, walks}) do
    if pressed and passed + 1 >= least do
      {:next_state, :walk, {times, 0, false, walks + 1}, {:reply, from, :walk}}
    else
      {:keep_state, {times, passed + 1, pressed, walks}, {:reply, from, :cars}}
    end
  end

  def cars({:call, from}, :press, {times, passed, _, walks}) do
    {:keep_state, {times, passed, true, walks}, {:reply, from, :wait}}
  end

  def cars({:call, from}, :state, _), do: {:keep_state_and_data, {:reply, from, :cars}}
  def cars({:call, from}, :walks, {_, _, _, walks}), do: {:keep_state_and_data, {:reply, from, walks}}

  def walk({:call, from}, :tick, {{_, most} = times, passed, _, walks}) when passed + 1 == most do
    {:next_state, :cars, {times, 0, false, walks}, {:reply, from, :cars}}
  end

  def walk({:call, from}, :tick, {times, passed, _, walks}) do
    {:keep_state, {times, passed + 1, false, walks}, {:reply, from, :walk}}
  end

  def walk({:call, from}, :walks, {_, _, _, walks}), do: {:keep_state_and_data, {:reply, from, walks}}
  def walk({:call, from}, _, _), do: {:keep_state_and_data, {:reply, from, :walk}}
end
