defmodule Bounded do
  use GenServer

  def start_link(max), do: GenServer.start_link(__MODULE__, max)
  def push(pid, item), do: GenServer.call(pid, {:push, item}, :infinity)
  def pop(pid), do: GenServer.call(pid, :pop, :infinity)
  def waiting(pid), do: GenServer.call(pid, :waiting)

  @impl true
  def init(max) do
    {:ok, %{max: max, items: :queue.new(), pushers: :queue.new(), poppers: :queue.new()}}
  end

  @impl true
  def handle_call(:waiting, _from, state) do
    {:reply, {:queue.len(state.pushers), :queue.len(state.poppers)}, state}
  end

  def handle_call({:push, item}, from, state) do
    case :queue.out(state.poppers) do
      {{:value, popper}, poppers} ->
        GenServer.reply(popper, {:ok, item})
        {:reply, :ok, %{state | poppers: poppers}}

      {:empty, _} ->
        if :queue.len(state.items) < state.max do
          {:reply, :ok, %{state | items: :queue.in(item, state.items)}}
        else
          {:noreply, %{state | pushers: :queue.in({from, item}, state.pushers)}}
        end
    end
  end

  def handle_call(:pop, from, state) do
    case :queue.out(state.items) do
      {{:value, item}, items} -> {:reply, {:ok, item}, refill(%{state | items: items})}
      {:empty, _} -> {:noreply, %{state | poppers: :queue.in(from, state.poppers)}}
    end
  end

  defp refill(state) do
    case :queue.out(state.pushers) do
      {{:value, {pusher, item}}, pushers} ->
        GenServer.reply(pusher, :ok)
        %{state | items: :queue.in(item, state.items), pushers: pushers}

      {:empty, _} ->
        state
    end
  end
end
