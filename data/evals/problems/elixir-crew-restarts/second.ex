defmodule Crew do
  def start_link(workers) do
    children =
      for {name, restart} <- workers do
        %{id: name, restart: restart, start: {Agent, :start_link, [fn -> [] end]}}
      end

    Supervisor.start_link(children, strategy: :one_for_one, max_restarts: 10_000, max_seconds: 1)
  end

  def note(pid, name, text), do: ask(pid, name, &Agent.update(&1, fn notes -> notes ++ [text] end))

  def notes(pid, name), do: ask(pid, name, &Agent.get(&1, fn notes -> notes end))

  def finish(pid, name, reason) do
    ask(pid, name, fn worker ->
      Agent.stop(worker, reason, :infinity)
      dealt(pid, name, worker)
    end)
  end

  # until the supervisor has forgotten the old process
  defp dealt(pid, name, worker) do
    case worker(pid, name) do
      ^worker -> dealt(pid, name, worker)
      :restarting -> dealt(pid, name, worker)
      new when is_pid(new) -> :back
      _ -> :gone
    end
  end

  def working(pid) do
    Enum.sort(for {name, worker, _, _} <- Supervisor.which_children(pid), is_pid(worker), do: name)
  end

  def revive(pid, name) do
    case Supervisor.restart_child(pid, name) do
      {:ok, _} -> :ok
      {:error, :not_found} -> {:error, :unknown}
      {:error, _running} -> {:error, :working}
    end
  end

  defp ask(pid, name, fun) do
    case worker(pid, name) do
      worker when is_pid(worker) -> fun.(worker)
      _ -> {:error, :away}
    end
  end

  defp worker(pid, name) do
    case List.keyfind(Supervisor.which_children(pid), name, 0) do
      {_, worker, _, _} -> worker
      nil -> nil
    end
  end
end
