defmodule Batcher do
  use GenServer

  def start_link(size), do: GenServer.start_link(__MODULE__, size)
  def add(pid, items), do: GenServer.cast(pid, {:add, items})
  def flush(pid), do: GenServer.call(pid, :flush)
  def batches(pid), do: GenServer.call(pid, :batches)
  def pending(pid), do: GenServer.call(pid, :pending)

  @impl true
  def init(size), do: {:ok, %{size: size, pending: [], done: []}}

  @impl true
  def handle_cast({:add, items}, state) do
    {:noreply, %{state | pending: state.pending ++ items}, {:continue, :cut}}
  end

  @impl true
  def handle_continue(:cut, %{pending: pending, size: size} = state) when length(pending) < size do
    {:noreply, state}
  end

  def handle_continue(:cut, state) do
    {batch, pending} = Enum.split(state.pending, state.size)
    {:noreply, %{state | pending: pending, done: [batch | state.done]}, {:continue, :cut}}
  end

  @impl true
  def handle_call(:flush, _from, %{pending: []} = state), do: {:reply, 0, state}

  def handle_call(:flush, _from, %{pending: pending} = state) do
    {:reply, length(pending), %{state | pending: [], done: [pending | state.done]}}
  end

  def handle_call(:batches, _from, state) do
    {:reply, Enum.reverse(state.done), %{state | done: []}}
  end

  def handle_call(:pending, _from, state), do: {:reply, state.pending, state}
end
