defmodule Plant.Hall do
  use Supervisor

  def start_link(limit, starts) do
    :counters.add(starts, 1, 1)
    Supervisor.start_link(__MODULE__, limit)
  end

  @impl true
  def init(limit) do
    machines =
      for name <- [:press, :saw], do: %{id: name, start: {Agent, :start_link, [fn -> 0 end]}}

    Supervisor.init(machines,
      strategy: :one_for_all,
      max_restarts: limit,
      max_seconds: 1_000_000_000
    )
  end
end

defmodule Plant do
  use Supervisor

  def start_link(halls, limit), do: Supervisor.start_link(__MODULE__, {halls, limit})

  @impl true
  def init({halls, limit}) do
    halls
    |> Enum.map(fn hall ->
      starts = :counters.new(1, [])
      %{id: hall, start: {Plant.Hall, :start_link, [limit, starts]}, type: :supervisor}
    end)
    |> Supervisor.init(strategy: :one_for_one, max_restarts: 1000, max_seconds: 1)
  end

  def load(pid, hall, machine, n) do
    pid |> machines(hall) |> Map.fetch!(machine) |> Agent.get_and_update(&{&1 + n, &1 + n})
  end

  def level(pid, hall, machine) do
    pid |> machines(hall) |> Map.fetch!(machine) |> Agent.get(& &1)
  end

  def starts(pid, hall) do
    {:ok, %{start: {_, _, [_limit, starts]}}} = :supervisor.get_childspec(pid, hall)
    :counters.get(starts, 1)
  end

  def crash(pid, hall, machine) do
    old = machines(pid, hall)
    Process.exit(old[machine], :kill)
    renewed(pid, hall, Map.values(old))
  end

  defp renewed(pid, hall, old) do
    case Map.values(machines(pid, hall)) do
      [a, b] when is_pid(a) and is_pid(b) ->
        if a in old or b in old, do: renewed(pid, hall, old), else: :ok

      _ ->
        renewed(pid, hall, old)
    end
  end

  defp machines(pid, hall) do
    {_, supervisor, _, _} = List.keyfind(Supervisor.which_children(pid), hall, 0)
    Map.new(Supervisor.which_children(supervisor), fn {name, worker, _, _} -> {name, worker} end)
  catch
    # the hall is ending
    :exit, _ -> %{}
  end
end
