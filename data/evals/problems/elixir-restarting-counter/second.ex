defmodule Counters do
  use Supervisor

  def start_link(names), do: Supervisor.start_link(__MODULE__, names)

  # the supervisor owns a table with the number of starts; all children are told of it
  @impl true
  def init(names) do
    starts = :ets.new(__MODULE__, [:public])

    names
    |> Enum.map(&%{id: &1, start: {__MODULE__, :start_counter, [&1, starts]}})
    |> Supervisor.init(strategy: :one_for_one, max_restarts: 1000, max_seconds: 1)
  end

  def start_counter(name, starts) do
    :ets.update_counter(starts, name, 1, {name, -1})
    Agent.start_link(fn -> %{value: 0, starts: starts} end)
  end

  def bump(pid, name) do
    Agent.get_and_update(counter(pid, name), fn %{value: value} = state ->
      {value + 1, %{state | value: value + 1}}
    end)
  end

  def value(pid, name), do: Agent.get(counter(pid, name), & &1.value)

  def restarts(pid, name) do
    pid |> counter(name) |> Agent.get(& &1.starts) |> :ets.lookup_element(name, 2)
  end

  def crash(pid, name) do
    old = counter(pid, name)
    Process.exit(old, :kill)
    fn -> counter(pid, name) end |> Stream.repeatedly() |> Enum.find(&(&1 != old))
    :ok
  end

  defp counter(pid, name) do
    Enum.find_value(Supervisor.which_children(pid), fn {id, counter, _, _} ->
      id === name && counter
    end)
  end
end
