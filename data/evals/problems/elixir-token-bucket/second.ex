defmodule Limiter do
  use GenServer

  def start_link(size, rate), do: GenServer.start_link(__MODULE__, {size, rate})
  def ask(pid, client, now), do: GenServer.call(pid, {:ask, client, now})
  def left(pid, client, now), do: GenServer.call(pid, {:left, client, now})

  # `gain` tokens come every `every` seconds, counted from `since`
  @impl true
  def init({size, {1, every}}), do: {:ok, %{size: size, gain: 1, every: every, clients: []}}
  def init({size, gain}), do: {:ok, %{size: size, gain: gain, every: 1, clients: []}}

  @impl true
  def handle_call({:left, client, now}, _from, state) do
    {tokens, _since} = bucket(state, client, now)
    {:reply, tokens, state}
  end

  def handle_call({:ask, client, now}, _from, state) do
    case bucket(state, client, now) do
      {0, since} ->
        {:reply, {:wait, state.every - (now - since)}, state}

      {tokens, since} ->
        clients = List.keystore(state.clients, client, 0, {client, {tokens - 1, since}})
        {:reply, :ok, %{state | clients: clients}}
    end
  end

  defp bucket(state, client, now) do
    with {_, {tokens, since}} <- List.keyfind(state.clients, client, 0),
         times = div(now - since, state.every),
         tokens when tokens < state.size <- tokens + times * state.gain do
      {tokens, since + times * state.every}
    else
      # never seen, or full: it starts to fill when a token is taken
      _ -> {state.size, now}
    end
  end
end
