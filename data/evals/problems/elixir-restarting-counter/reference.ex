defmodule Counters.Counter do
  use Agent

  def start_link({starts, name}) do
    Agent.start_link(fn ->
      Agent.update(starts, &Map.update(&1, name, 0, fn n -> n + 1 end))
      0
    end)
  end
end

defmodule Counters do
  use Supervisor

  def start_link(names), do: Supervisor.start_link(__MODULE__, names)

  def bump(pid, name), do: Agent.get_and_update(child(pid, name), &{&1 + 1, &1 + 1})
  def value(pid, name), do: Agent.get(child(pid, name), & &1)
  def restarts(pid, name), do: Agent.get(child(pid, :starts), & &1[name])

  def crash(pid, name) do
    counter = child(pid, name)
    ref = Process.monitor(counter)
    Process.exit(counter, :kill)

    receive do
      {:DOWN, ^ref, :process, _pid, _reason} -> :ok
    end

    await(pid, name, counter)
  end

  @impl true
  def init(names) do
    {:ok, starts} = Agent.start_link(fn -> %{} end)
    keeper = %{id: :starts, start: {__MODULE__, :adopt, [starts]}}

    counters =
      for name <- names do
        Supervisor.child_spec({Counters.Counter, {starts, name}}, id: {:counter, name})
      end

    Supervisor.init([keeper | counters], strategy: :one_for_one, max_restarts: 1000)
  end

  @doc false
  def adopt(pid), do: {:ok, pid}

  defp child(pid, :starts), do: child_of(pid, :starts)
  defp child(pid, name), do: child_of(pid, {:counter, name})

  defp child_of(pid, id) do
    {_id, child, _type, _modules} = pid |> Supervisor.which_children() |> List.keyfind(id, 0)
    child
  end

  defp await(pid, name, old) do
    case child(pid, name) do
      new when is_pid(new) and new != old -> :ok
      _ -> await(pid, name, old)
    end
  end
end
