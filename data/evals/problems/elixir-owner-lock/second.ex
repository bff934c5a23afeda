defmodule Mutex do
  use GenServer

  def start_link, do: GenServer.start_link(__MODULE__, [])
  def lock(pid), do: GenServer.call(pid, :lock, :infinity)
  def try_lock(pid), do: GenServer.call(pid, :try_lock)
  def unlock(pid), do: GenServer.call(pid, :unlock)
  def queue(pid), do: GenServer.call(pid, :queue)

  # a line of {process, its monitor, where it waits}: the first holds the lock
  @impl true
  def init([]), do: {:ok, []}

  @impl true
  def handle_call(what, from, line), do: handle(what, from, living(line))

  defp handle(:lock, {pid, _}, [{pid, _, _} | _] = line), do: {:reply, {:error, :held}, line}
  defp handle(:lock, from, []), do: {:reply, :ok, [entry(from)]}
  defp handle(:lock, from, line), do: {:noreply, line ++ [entry(from)]}
  defp handle(:try_lock, from, []), do: {:reply, :ok, [entry(from)]}
  defp handle(:try_lock, _from, line), do: {:reply, :busy, line}
  defp handle(:queue, _from, line), do: {:reply, max(length(line) - 1, 0), line}

  defp handle(:unlock, {pid, _}, [{pid, monitor, _} | others]) do
    Process.demonitor(monitor, [:flush])
    {:reply, :ok, promote(others)}
  end

  defp handle(:unlock, _from, line), do: {:reply, {:error, :not_holder}, line}

  @impl true
  def handle_info({:DOWN, monitor, :process, _, _}, line), do: {:noreply, leave(line, monitor)}

  defp entry({pid, _} = from), do: {pid, Process.monitor(pid), from}

  defp leave([{_, monitor, _} | others], monitor), do: promote(others)
  defp leave(line, monitor), do: List.keydelete(line, monitor, 1)

  defp promote([]), do: []

  defp promote([{_, _, from} | _] = line) do
    GenServer.reply(from, :ok)
    line
  end

  # a process may have ended of which no monitor has told yet
  defp living(line) do
    Enum.reduce(line, line, fn {pid, monitor, _}, line ->
      if node(pid) != node() or Process.alive?(pid), do: line, else: leave(line, monitor)
    end)
  end
end
