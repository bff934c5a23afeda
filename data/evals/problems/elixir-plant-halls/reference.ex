defmodule Plant.Hall do
  use Supervisor

  def start_link({hall, limit, counts}) do
    with {:ok, pid} <- Supervisor.start_link(__MODULE__, limit) do
      Agent.update(counts, &Map.update(&1, hall, 1, fn n -> n + 1 end))
      {:ok, pid}
    end
  end

  @impl true
  def init(limit) do
    machines =
      for name <- [:press, :saw], do: Supervisor.child_spec({Agent, fn -> 0 end}, id: name)

    Supervisor.init(machines, strategy: :one_for_all, max_restarts: limit, max_seconds: 1_000_000)
  end
end

defmodule Plant do
  use Supervisor

  def start_link(halls, limit), do: Supervisor.start_link(__MODULE__, {halls, limit})

  def load(pid, hall, machine, n) do
    Agent.get_and_update(machine(pid, hall, machine), &{&1 + n, &1 + n})
  end

  def level(pid, hall, machine), do: Agent.get(machine(pid, hall, machine), & &1)
  def starts(pid, hall), do: pid |> child(:counts) |> Agent.get(& &1[hall])

  def crash(pid, hall, machine) do
    old = machines(pid, hall)
    Process.exit(old[machine], :kill)
    await(pid, hall, old)
  end

  @impl true
  def init({halls, limit}) do
    {:ok, counts} = Agent.start_link(fn -> %{} end)
    keeper = %{id: :counts, start: {__MODULE__, :adopt, [counts]}}

    children =
      for hall <- halls do
        Supervisor.child_spec({Plant.Hall, {hall, limit, counts}}, id: {:hall, hall})
      end

    Supervisor.init([keeper | children], strategy: :one_for_one, max_restarts: 1_000)
  end

  @doc false
  def adopt(counts), do: {:ok, counts}

  defp machine(pid, hall, machine), do: Map.fetch!(machines(pid, hall), machine)

  # a hall may end while it is asked
  defp machines(pid, hall) do
    for {name, machine, _type, _mods} <- Supervisor.which_children(child(pid, {:hall, hall})),
        into: %{},
        do: {name, machine}
  catch
    :exit, _reason -> %{}
  end

  defp child(pid, id) do
    {_id, child, _type, _mods} = pid |> Supervisor.which_children() |> List.keyfind(id, 0)
    child
  end

  defp await(pid, hall, old) do
    new = machines(pid, hall)

    if map_size(new) == 2 and Enum.all?(new, fn {name, m} -> is_pid(m) and m != old[name] end) do
      :ok
    else
      await(pid, hall, old)
    end
  end
end
