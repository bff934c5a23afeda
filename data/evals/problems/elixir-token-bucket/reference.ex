defmodule Limiter do
  use GenServer

  def start_link(size, per_second), do: GenServer.start_link(__MODULE__, {size, per_second})
  def ask(pid, client, now), do: GenServer.call(pid, {:ask, client, now})
  def left(pid, client, now), do: GenServer.call(pid, {:left, client, now})

  @impl true
  def init({size, {1, every}}), do: {:ok, %{size: size, add: 1, every: every, buckets: %{}}}
  def init({size, add}), do: {:ok, %{size: size, add: add, every: 1, buckets: %{}}}

  @impl true
  def handle_call({:left, client, now}, _from, state) do
    {tokens, _since} = bucket(state, client, now)
    {:reply, tokens, state}
  end

  def handle_call({:ask, client, now}, _from, state) do
    case bucket(state, client, now) do
      {0, since} ->
        {:reply, {:wait, since + state.every - now}, keep(state, client, {0, since})}

      {tokens, since} ->
        {:reply, :ok, keep(state, client, {tokens - 1, since})}
    end
  end

  defp bucket(state, client, now) do
    {tokens, since} = Map.get(state.buckets, client, {state.size, now})
    steps = div(now - since, state.every)
    tokens = tokens + steps * state.add

    if tokens >= state.size, do: {state.size, now}, else: {tokens, since + steps * state.every}
  end

  defp keep(state, client, bucket), do: put_in(state.buckets[client], bucket)
end
