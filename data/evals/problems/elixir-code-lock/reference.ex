defmodule CodeLock do
  @behaviour :gen_statem

  def start_link(code, tries), do: :gen_statem.start_link(__MODULE__, {code, tries}, [])
  def press(pid, digit), do: :gen_statem.call(pid, {:press, digit})
  def close(pid), do: :gen_statem.call(pid, :close)
  def state(pid), do: :gen_statem.call(pid, :state)
  def reset(pid, code), do: :gen_statem.call(pid, {:reset, code})

  @impl true
  def callback_mode, do: :handle_event_function

  @impl true
  def init({code, tries}), do: {:ok, :closed, fresh(%{code: code, tries: tries})}

  @impl true
  def handle_event({:call, from}, :state, state, _data), do: keep(from, state)

  def handle_event({:call, from}, {:press, digit}, :closed, data) do
    pressed = [digit | data.pressed]

    cond do
      length(pressed) < length(data.code) ->
        {:keep_state, %{data | pressed: pressed}, [{:reply, from, :more}]}

      Enum.reverse(pressed) == data.code ->
        {:next_state, :open, fresh(data), [{:reply, from, :open}]}

      data.wrong + 1 == data.tries ->
        {:next_state, :blocked, fresh(data), [{:reply, from, :blocked}]}

      true ->
        {:keep_state, %{data | pressed: [], wrong: data.wrong + 1}, [{:reply, from, :wrong}]}
    end
  end

  def handle_event({:call, from}, {:press, _digit}, state, _data), do: keep(from, state)

  def handle_event({:call, from}, :close, :open, data) do
    {:next_state, :closed, data, [{:reply, from, :ok}]}
  end

  def handle_event({:call, from}, {:reset, code}, :blocked, %{code: code} = data) do
    {:next_state, :closed, data, [{:reply, from, :ok}]}
  end

  def handle_event({:call, from}, _request, _state, _data), do: keep(from, :error)

  defp keep(from, reply), do: {:keep_state_and_data, [{:reply, from, reply}]}
  defp fresh(data), do: Map.merge(data, %{pressed: [], wrong: 0})
end
