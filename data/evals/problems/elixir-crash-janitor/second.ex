defmodule Janitor do
  use GenServer

  # one list of what is open, newest first; a monitor for every opening
  def start_link, do: GenServer.start_link(__MODULE__, :ok)
  def open(pid, owner, name), do: GenServer.call(pid, {:open, owner, name})
  def close(pid, owner, name), do: GenServer.call(pid, {:close, owner, name})
  def names(pid), do: GenServer.call(pid, :names)
  def log(pid), do: GenServer.call(pid, :log)

  @impl true
  def init(:ok), do: {:ok, {[], []}}

  @impl true
  def handle_call(:names, _, {open, _} = state), do: {:reply, open |> Enum.map(&elem(&1, 0)) |> Enum.reverse(), state}
  def handle_call(:log, _, {_, log} = state), do: {:reply, Enum.reverse(log), state}

  def handle_call({:open, owner, name}, _, {open, log}) do
    if Enum.any?(open, fn {other, _, _} -> other === name end),
      do: {:reply, {:error, :open}, {open, log}},
      else: {:reply, :ok, {[{name, owner, Process.monitor(owner)} | open], log}}
  end

  def handle_call({:close, owner, name}, _, {open, log}) do
    case Enum.split_with(open, fn {other, pid, _} -> other === name and pid == owner end) do
      {[{_, _, ref}], rest} ->
        Process.demonitor(ref, [:flush])
        {:reply, :ok, {rest, [{name, :closed} | log]}}

      _ ->
        {:reply, {:error, :not_open}, {open, log}}
    end
  end

  # the first of an owner's monitors closes all that it has
  @impl true
  def handle_info({:DOWN, _ref, :process, owner, reason}, {open, log}) do
    {gone, left} = Enum.split_with(open, fn {_, pid, _} -> pid == owner end)
    for {_, _, ref} <- gone, do: Process.demonitor(ref, [:flush])
    {:noreply, {left, Enum.reduce(gone, log, fn {name, _, _}, log -> [{name, reason} | log] end)}}
  end
end
