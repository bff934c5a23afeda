defmodule Crew do
  use Supervisor

  def start_link(workers), do: Supervisor.start_link(__MODULE__, workers)

  def note(pid, name, text) do
    with {:ok, worker} <- find(pid, name), do: Agent.update(worker, &[text | &1])
  end

  def notes(pid, name) do
    with {:ok, worker} <- find(pid, name), do: Agent.get(worker, &Enum.reverse/1)
  end

  def finish(pid, name, reason) do
    with {:ok, worker} <- find(pid, name) do
      ref = Process.monitor(worker)
      Agent.cast(worker, fn _notes -> exit(reason) end)

      receive do
        {:DOWN, ^ref, :process, _pid, _reason} -> outcome(pid, name, worker)
      end
    end
  end

  def working(pid) do
    names = for {name, worker, _type, _mods} <- children(pid), is_pid(worker), do: name
    Enum.sort(names)
  end

  def revive(pid, name) do
    case Supervisor.restart_child(pid, name) do
      {:ok, _worker} -> :ok
      {:error, :running} -> {:error, :working}
      {:error, :not_found} -> {:error, :unknown}
    end
  end

  @impl true
  def init(workers) do
    children = for {name, restart} <- workers, do: spec(name, restart)
    Supervisor.init(children, strategy: :one_for_one, max_restarts: 10_000)
  end

  defp spec(name, restart) do
    Supervisor.child_spec({Agent, fn -> [] end}, id: name, restart: restart)
  end

  defp find(pid, name) do
    case List.keyfind(children(pid), name, 0) do
      {_name, worker, _type, _mods} when is_pid(worker) -> {:ok, worker}
      _ -> {:error, :away}
    end
  end

  # the supervisor may hear of the end after us
  defp outcome(pid, name, old) do
    case find(pid, name) do
      {:ok, ^old} -> outcome(pid, name, old)
      {:ok, _new} -> :back
      {:error, :away} -> :gone
    end
  end

  defp children(pid), do: Supervisor.which_children(pid)
end
