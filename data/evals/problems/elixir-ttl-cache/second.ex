defmodule Cache do
  use GenServer

  # dead values go whenever somebody asks
  def start_link(ttl), do: GenServer.start_link(__MODULE__, ttl)
  def put(cache, key, value, now), do: GenServer.call(cache, {now, &put_in(&1, [key], {value, &2}), fn _ -> :ok end})
  def size(cache, now), do: GenServer.call(cache, {now, fn live, _ -> live end, &map_size/1})

  def get(cache, key, now) do
    GenServer.call(cache, {now, fn live, _ -> live end, fn live ->
      case live do
        %{^key => {value, _}} -> {:ok, value}
        _ -> :miss
      end
    end})
  end

  @impl true
  def init(ttl), do: {:ok, {ttl, %{}}}

  @impl true
  def handle_call({now, change, answer}, _from, {ttl, values}) do
    live = for {key, {value, at}} <- values, now - at < ttl, into: %{}, do: {key, {value, at}}
    live = change.(live, now)
    {:reply, answer.(live), {ttl, live}}
  end
end
