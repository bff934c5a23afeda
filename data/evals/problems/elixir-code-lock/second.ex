defmodule CodeLock do
  @behaviour :gen_statem

  # one callback for everything; what is pressed stands newest first
  def start_link(code, tries), do: :gen_statem.start_link(__MODULE__, %{code: code, tries: tries, left: tries, pressed: []}, [])
  def press(pid, digit), do: :gen_statem.call(pid, {:press, digit})
  def close(pid), do: :gen_statem.call(pid, :close)
  def reset(pid, code), do: :gen_statem.call(pid, {:reset, code})
  def state(pid), do: :gen_statem.call(pid, :state)

  @impl true
  def callback_mode, do: :handle_event_function

  @impl true
  def init(data), do: {:ok, :closed, data}

  @impl true
  def handle_event({:call, from}, event, state, data) do
    {answer, next, data} = on(event, state, data)
    {:next_state, next, data, [{:reply, from, answer}]}
  end

  defp on(:state, state, data), do: {state, state, data}
  defp on({:press, _}, state, data) when state != :closed, do: {state, state, data}

  defp on({:press, digit}, :closed, %{code: code} = data) do
    pressed = [digit | data.pressed]

    cond do
      length(pressed) < length(code) -> {:more, :closed, %{data | pressed: pressed}}
      Enum.reverse(pressed) == code -> {:open, :open, %{data | pressed: [], left: data.tries}}
      data.left == 1 -> {:blocked, :blocked, %{data | pressed: [], left: 0}}
      true -> {:wrong, :closed, %{data | pressed: [], left: data.left - 1}}
    end
  end

  defp on(:close, :open, data), do: {:ok, :closed, %{data | pressed: [], left: data.tries}}
  defp on({:reset, code}, :blocked, %{code: code} = data), do: {:ok, :closed, %{data | pressed: [], left: data.tries}}
  defp on(_, state, data), do: {:error, state, data}
end
