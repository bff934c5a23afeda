defmodule Bounded do
  use GenServer

  # everything is a list, oldest first; after each call what can be settled is settled
  def start_link(max), do: GenServer.start_link(__MODULE__, max)
  def push(pid, item), do: GenServer.call(pid, {:push, item}, :infinity)
  def pop(pid), do: GenServer.call(pid, :pop, :infinity)
  def waiting(pid), do: GenServer.call(pid, :waiting)

  @impl true
  def init(max), do: {:ok, {max, [], [], []}}

  @impl true
  def handle_call(:waiting, _from, {_, _, pushers, poppers} = state) do
    {:reply, {length(pushers), length(poppers)}, state}
  end

  def handle_call({:push, item}, from, {max, items, pushers, poppers}) do
    {:noreply, settle({max, items, pushers ++ [{from, item}], poppers})}
  end

  def handle_call(:pop, from, {max, items, pushers, poppers}) do
    {:noreply, settle({max, items, pushers, poppers ++ [from]})}
  end

  defp settle({max, [item | items], pushers, [popper | poppers]}) do
    GenServer.reply(popper, {:ok, item})
    settle({max, items, pushers, poppers})
  end

  defp settle({max, items, [{from, item} | pushers], poppers}) when length(items) < max do
    GenServer.reply(from, :ok)
    settle({max, items ++ [item], pushers, poppers})
  end

  defp settle(state), do: state
end
