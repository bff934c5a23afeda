defmodule Watch do
  use GenServer

  def start_link, do: GenServer.start_link(__MODULE__, nil)
  def spawn_job(pid, name, what), do: GenServer.call(pid, {:spawn, name, what})
  def finish(pid, name, reason), do: GenServer.call(pid, {:finish, name, reason})
  def fate(pid, name), do: GenServer.call(pid, {:fate, name}, :infinity)
  def running(pid), do: GenServer.call(pid, :running)

  # two maps: of running jobs by name, {pid, monitor, who asks for the fate}; of fates by name
  @impl true
  def init(nil), do: {:ok, {%{}, %{}}}

  @impl true
  def handle_call({:spawn, name, _}, _from, {running, _} = state) when is_map_key(running, name),
    do: {:reply, {:error, :running}, state}

  def handle_call({:spawn, name, what}, _from, {running, fates}) do
    {pid, monitor} = spawn_monitor(__MODULE__, :job, [what])
    {:reply, :ok, {Map.put(running, name, {pid, monitor, []}), Map.delete(fates, name)}}
  end

  def handle_call({:finish, name, reason}, _from, {running, _} = state) do
    case running do
      %{^name => {pid, _, _}} ->
        if reason == :kill, do: Process.exit(pid, :kill), else: send(pid, {:exit, reason})
        {:reply, :ok, state}

      _ ->
        {:reply, {:error, :unknown}, state}
    end
  end

  def handle_call({:fate, name}, from, {running, fates} = state) do
    case running do
      %{^name => {pid, monitor, callers}} ->
        {:noreply, {%{running | name => {pid, monitor, [from | callers]}}, fates}}

      _ ->
        {:reply, Map.get(fates, name, :unknown), state}
    end
  end

  def handle_call(:running, _from, {running, _} = state),
    do: {:reply, Enum.sort(Map.keys(running)), state}

  @impl true
  def handle_info({:DOWN, monitor, :process, pid, reason}, {running, fates}) do
    {name, {_, _, callers}} = Enum.find(running, &match?({_, {^pid, ^monitor, _}}, &1))
    for caller <- callers, do: GenServer.reply(caller, {:ended, reason})
    {:noreply, {Map.delete(running, name), Map.put(fates, name, {:ended, reason})}}
  end

  @doc false
  def job(:wait) do
    receive do
      {:exit, reason} -> exit(reason)
    end
  end

  def job({:exit, reason}), do: exit(reason)
end
