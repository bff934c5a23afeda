defmodule Barrier do
  use GenServer

  defstruct [:n, round: 1, names: [], callers: []]

  def start_link(n), do: GenServer.start_link(Barrier, %Barrier{n: n})
  def here(pid), do: GenServer.call(pid, :names)
  def arrive(pid, name), do: GenServer.call(pid, name: name) |> wait(pid)

  # an early answer is a reference; the real one comes as a message
  defp wait({:wait, ref}, pid) do
    monitor = Process.monitor(pid)

    receive do
      {^ref, go} ->
        Process.demonitor(monitor, [:flush])
        go

      {:DOWN, ^monitor, _, _, reason} ->
        exit(reason)
    end
  end

  defp wait(answer, _pid), do: answer

  @impl true
  def init(barrier), do: {:ok, barrier}

  @impl true
  def handle_call(:names, _from, barrier), do: {:reply, barrier.names, barrier}

  def handle_call([name: name], {pid, _}, barrier) do
    if name in barrier.names do
      {:reply, {:error, :here}, barrier}
    else
      ref = make_ref()
      come(%{barrier | names: barrier.names ++ [name], callers: [{pid, ref} | barrier.callers]}, ref)
    end
  end

  defp come(%{n: n, names: names} = barrier, ref) when length(names) == n do
    for {pid, one} <- barrier.callers, do: send(pid, {one, {:go, barrier.round, names}})
    {:reply, {:wait, ref}, %Barrier{n: n, round: barrier.round + 1}}
  end

  defp come(barrier, ref), do: {:reply, {:wait, ref}, barrier}
end
