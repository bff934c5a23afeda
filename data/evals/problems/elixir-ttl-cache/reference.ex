defmodule Cache do
  use GenServer

  def start_link(ttl), do: GenServer.start_link(__MODULE__, ttl)
  def put(cache, key, value, now), do: GenServer.call(cache, {:put, key, value, now})
  def get(cache, key, now), do: GenServer.call(cache, {:get, key, now})
  def size(cache, now), do: GenServer.call(cache, {:size, now})

  @impl true
  def init(ttl), do: {:ok, {ttl, %{}}}

  @impl true
  def handle_call({:put, key, value, now}, _from, {ttl, kept}) do
    {:reply, :ok, {ttl, Map.put(kept, key, {value, now + ttl})}}
  end

  def handle_call({:get, key, now}, _from, {ttl, kept}) do
    kept = alive(kept, now)

    case kept do
      %{^key => {value, _until}} -> {:reply, {:ok, value}, {ttl, kept}}
      _ -> {:reply, :miss, {ttl, kept}}
    end
  end

  def handle_call({:size, now}, _from, {ttl, kept}) do
    kept = alive(kept, now)
    {:reply, map_size(kept), {ttl, kept}}
  end

  defp alive(kept, now), do: Map.filter(kept, fn {_key, {_value, until}} -> now < until end)
end
