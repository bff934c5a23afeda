defmodule Turnstile do
  @behaviour :gen_statem

  def start_link(price), do: :gen_statem.start_link(__MODULE__, price, [])
  def coin(pid, cents), do: :gen_statem.call(pid, {:coin, cents})
  def push(pid), do: :gen_statem.call(pid, :push)
  def takings(pid), do: :gen_statem.call(pid, :takings)

  @impl true
  def callback_mode, do: :state_functions

  @impl true
  def init(price), do: {:ok, :locked, %{price: price, paid: 0, passes: 0}}

  def locked({:call, from}, {:coin, cents}, data) do
    case data.paid + cents do
      paid when paid >= data.price ->
        reply = {:reply, from, {:unlocked, paid - data.price}}
        {:next_state, :unlocked, %{data | paid: 0}, [reply]}

      paid ->
        {:keep_state, %{data | paid: paid}, [{:reply, from, {:locked, data.price - paid}}]}
    end
  end

  def locked({:call, from}, :push, _data), do: {:keep_state_and_data, [{:reply, from, :refused}]}
  def locked({:call, from}, :takings, data), do: tell(from, data)

  def unlocked({:call, from}, {:coin, cents}, _data) do
    {:keep_state_and_data, [{:reply, from, {:unlocked, cents}}]}
  end

  def unlocked({:call, from}, :push, data) do
    {:next_state, :locked, %{data | passes: data.passes + 1}, [{:reply, from, :passed}]}
  end

  def unlocked({:call, from}, :takings, data), do: tell(from, data)

  defp tell(from, data), do: {:keep_state_and_data, [{:reply, from, data.passes * data.price}]}
end
