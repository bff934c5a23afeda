defmodule Tally do
  use GenServer

  # the counts to begin with, and the list of keys that were counted since
  def start_link(counts), do: GenServer.start_link(__MODULE__, counts)
  def bump(pid, key), do: GenServer.cast(pid, {:seen, key})
  def count(pid, key), do: pid |> GenServer.call(:all) |> Map.get(key, 0)
  def reset(pid), do: GenServer.call(pid, :reset)

  @impl GenServer
  def init(counts), do: {:ok, {counts, []}}

  @impl GenServer
  def handle_cast({:seen, key}, {counts, seen}), do: {:noreply, {counts, [key | seen]}}

  @impl GenServer
  def handle_call(:all, _, state), do: {:reply, all(state), state}
  def handle_call(:reset, _, state), do: {:reply, all(state), {%{}, []}}

  defp all({counts, seen}), do: Map.merge(counts, Enum.frequencies(seen), fn _, a, b -> a + b end)
end
