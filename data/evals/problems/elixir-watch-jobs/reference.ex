defmodule Watch do
  use GenServer

  def start_link, do: GenServer.start_link(__MODULE__, [])
  def spawn_job(pid, name, what), do: GenServer.call(pid, {:spawn, name, what})
  def finish(pid, name, reason), do: GenServer.call(pid, {:finish, name, reason})
  def fate(pid, name), do: GenServer.call(pid, {:fate, name}, :infinity)
  def running(pid), do: GenServer.call(pid, :running)

  @impl true
  def init([]), do: {:ok, %{jobs: %{}, names: %{}}}

  @impl true
  def handle_call({:spawn, name, what}, _from, state) do
    case state.jobs do
      %{^name => {:runs, _pid, _waiting}} ->
        {:reply, {:error, :running}, state}

      _ ->
        {pid, ref} = spawn_monitor(fn -> work(what) end)
        state = put_in(state.jobs[name], {:runs, pid, []})
        {:reply, :ok, put_in(state.names[ref], name)}
    end
  end

  def handle_call({:finish, name, reason}, _from, state) do
    case state.jobs do
      %{^name => {:runs, pid, _waiting}} ->
        if reason == :kill, do: Process.exit(pid, :kill), else: send(pid, {:finish, reason})
        {:reply, :ok, state}

      _ ->
        {:reply, {:error, :unknown}, state}
    end
  end

  def handle_call({:fate, name}, from, state) do
    case state.jobs do
      %{^name => {:runs, pid, waiting}} ->
        {:noreply, put_in(state.jobs[name], {:runs, pid, [from | waiting]})}

      %{^name => ended} ->
        {:reply, ended, state}

      _ ->
        {:reply, :unknown, state}
    end
  end

  def handle_call(:running, _from, state) do
    running = for {name, {:runs, _pid, _waiting}} <- state.jobs, do: name
    {:reply, Enum.sort(running), state}
  end

  @impl true
  def handle_info({:DOWN, ref, :process, _pid, reason}, state) do
    {name, names} = Map.pop(state.names, ref)
    {:runs, _pid, waiting} = state.jobs[name]
    for from <- waiting, do: GenServer.reply(from, {:ended, reason})
    {:noreply, %{state | names: names, jobs: Map.put(state.jobs, name, {:ended, reason})}}
  end

  defp work({:exit, reason}), do: exit(reason)

  defp work(:wait) do
    receive do
      {:finish, reason} -> exit(reason)
    end
  end
end
