defmodule Turnstile do
  @behaviour :gen_statem

  def start_link(price), do: :gen_statem.start_link(__MODULE__, price, [])
  def coin(pid, cents), do: :gen_statem.call(pid, {:coin, cents})
  def push(pid), do: :gen_statem.call(pid, :push)
  def takings(pid), do: :gen_statem.call(pid, :takings)

  @impl true
  def callback_mode, do: :handle_event_function

  # the state is `:unlocked` or `{:locked, missing}`; data: price and takings
  @impl true
  def init(price), do: {:ok, {:locked, price}, {price, 0}}

  @impl true
  def handle_event({:call, from}, event, state, {price, takings}) do
    {answer, state, takings} =
      case {event, state} do
        {:takings, _} -> {takings, state, takings}
        {:push, {:locked, _}} -> {:refused, state, takings}
        {:push, :unlocked} -> {:passed, {:locked, price}, takings + price}
        {{:coin, cents}, :unlocked} -> {{:unlocked, cents}, :unlocked, takings}
        {{:coin, cents}, {:locked, missing}} -> Tuple.append(paid(missing - cents), takings)
      end

    {:next_state, state, {price, takings}, {:reply, from, answer}}
  end

  defp paid(missing) when missing > 0, do: {{:locked, missing}, {:locked, missing}}
  defp paid(missing), do: {{:unlocked, -missing}, :unlocked}
end
