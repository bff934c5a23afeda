defmodule Janitor do
  use GenServer

  def start_link, do: GenServer.start_link(__MODULE__, nil)
  def open(pid, owner, name), do: GenServer.call(pid, {:open, owner, name})
  def close(pid, owner, name), do: GenServer.call(pid, {:close, owner, name})
  def names(pid), do: GenServer.call(pid, :names)
  def log(pid), do: GenServer.call(pid, :log)

  # open: {name, owner, ref}, the last opened first; log: the last closed first
  @impl true
  def init(nil), do: {:ok, %{open: [], log: []}}

  @impl true
  def handle_call({:open, owner, name}, _from, state) do
    if List.keymember?(state.open, name, 0) do
      {:reply, {:error, :open}, state}
    else
      entry = {name, owner, Process.monitor(owner)}
      {:reply, :ok, %{state | open: [entry | state.open]}}
    end
  end

  def handle_call({:close, owner, name}, _from, state) do
    case List.keyfind(state.open, name, 0) do
      {^name, ^owner, ref} = entry ->
        Process.demonitor(ref, [:flush])
        {:reply, :ok, closed(state, [entry], :closed)}

      _ ->
        {:reply, {:error, :not_open}, state}
    end
  end

  def handle_call(:names, _from, state) do
    {:reply, state.open |> Enum.map(&elem(&1, 0)) |> Enum.reverse(), state}
  end

  def handle_call(:log, _from, state), do: {:reply, Enum.reverse(state.log), state}

  @impl true
  def handle_info({:DOWN, _ref, :process, owner, reason}, state) do
    entries = Enum.filter(state.open, &(elem(&1, 1) == owner))
    for {_name, _owner, ref} <- entries, do: Process.demonitor(ref, [:flush])
    {:noreply, closed(state, entries, reason)}
  end

  defp closed(state, entries, reason) do
    log = Enum.reduce(entries, state.log, fn {name, _, _}, log -> [{name, reason} | log] end)
    %{state | open: state.open -- entries, log: log}
  end
end
