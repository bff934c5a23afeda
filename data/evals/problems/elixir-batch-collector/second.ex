defmodule Batcher do
  use GenServer

  # pending is a queue with its length beside it
  def start_link(size), do: GenServer.start_link(__MODULE__, size)
  def add(pid, items), do: GenServer.cast(pid, {:more, items})
  def flush(pid), do: GenServer.call(pid, :flush)
  def batches(pid), do: GenServer.call(pid, :batches)
  def pending(pid), do: GenServer.call(pid, :pending)

  @impl true
  def init(size), do: {:ok, %{size: size, queue: :queue.new(), done: []}}

  @impl true
  def handle_cast({:more, items}, state), do: {:noreply, Enum.reduce(items, state, &put/2)}

  defp put(item, %{queue: queue, size: size} = state) do
    state = %{state | queue: :queue.in(item, queue)}
    if :queue.len(state.queue) == size, do: close(state), else: state
  end

  defp close(state), do: %{state | queue: :queue.new(), done: state.done ++ [:queue.to_list(state.queue)]}

  @impl true
  def handle_call(:pending, _, state), do: {:reply, :queue.to_list(state.queue), state}
  def handle_call(:batches, _, state), do: {:reply, state.done, %{state | done: []}}

  def handle_call(:flush, _, state) do
    case :queue.len(state.queue) do
      0 -> {:reply, 0, state}
      n -> {:reply, n, close(state)}
    end
  end
end
