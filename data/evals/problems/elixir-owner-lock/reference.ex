defmodule Mutex do
  use GenServer

  def start_link, do: GenServer.start_link(__MODULE__, [])
  def lock(pid), do: GenServer.call(pid, :lock, :infinity)
  def try_lock(pid), do: GenServer.call(pid, :try_lock)
  def unlock(pid), do: GenServer.call(pid, :unlock)
  def queue(pid), do: GenServer.call(pid, :queue)

  @impl true
  def init([]), do: {:ok, {nil, []}}

  @impl true
  def handle_call(:queue, _from, {holder, waiting}) do
    {:reply, length(waiting), {holder, waiting}}
  end

  def handle_call(:lock, {pid, _tag}, {{pid, _ref}, _waiting} = state) do
    {:reply, {:error, :held}, state}
  end

  def handle_call(:lock, {pid, _tag} = from, {holder, waiting}) do
    {:noreply, next({holder, waiting ++ [{pid, Process.monitor(pid), from}]})}
  end

  def handle_call(:try_lock, {pid, _tag}, {nil, []}) do
    {:reply, :ok, {{pid, Process.monitor(pid)}, []}}
  end

  def handle_call(:try_lock, _from, state), do: {:reply, :busy, state}

  def handle_call(:unlock, {pid, _tag}, {{pid, ref}, waiting}) do
    Process.demonitor(ref, [:flush])
    {:reply, :ok, next({nil, waiting})}
  end

  def handle_call(:unlock, _from, state), do: {:reply, {:error, :not_holder}, state}

  @impl true
  def handle_info({:DOWN, ref, :process, _pid, _reason}, {{_holder, ref}, waiting}) do
    {:noreply, next({nil, waiting})}
  end

  def handle_info({:DOWN, ref, :process, _pid, _reason}, {holder, waiting}) do
    {:noreply, {holder, List.keydelete(waiting, ref, 1)}}
  end

  defp next({nil, [{pid, ref, from} | waiting]}) do
    GenServer.reply(from, :ok)
    {{pid, ref}, waiting}
  end

  defp next(state), do: state
end
