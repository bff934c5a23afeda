defmodule Tally do
  use GenServer

  def start_link(counts), do: GenServer.start_link(__MODULE__, counts)
  def bump(pid, key), do: GenServer.cast(pid, {:bump, key})
  def count(pid, key), do: GenServer.call(pid, {:count, key})
  def reset(pid), do: GenServer.call(pid, :reset)

  @impl true
  def init(counts), do: {:ok, counts}

  @impl true
  def handle_cast({:bump, key}, counts), do: {:noreply, Map.update(counts, key, 1, &(&1 + 1))}

  @impl true
  def handle_call({:count, key}, _from, counts), do: {:reply, Map.get(counts, key, 0), counts}
  def handle_call(:reset, _from, counts), do: {:reply, counts, %{}}
end
