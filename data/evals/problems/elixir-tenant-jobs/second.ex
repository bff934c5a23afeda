defmodule Tenants do
  def start_link(most) do
    names = :"tenants #{System.unique_integer([:positive])}"
    {:ok, _} = Registry.start_link(keys: :unique, name: names)
    {:ok, top} = DynamicSupervisor.start_link(strategy: :one_for_one, max_children: most)
    {:ok, {names, top}}
  end

  def open({names, top} = system, tenant, quota) do
    with {:error, :closed} <- tenant(system, tenant) do
      options = [
        strategy: :one_for_one, max_children: quota, name: {:via, Registry, {names, {:tenant, tenant}}}
      ]

      spec = %{
        id: tenant, restart: :temporary, type: :supervisor,
        start: {DynamicSupervisor, :start_link, [options]}
      }

      start(top, spec, :open)
    else
      {:ok, _} -> {:error, :open}
    end
  end

  def run({names, _} = system, tenant, job) do
    with {:ok, supervisor} <- tenant(system, tenant) do
      name = {:job, supervisor, job}

      spec = %{
        id: job, restart: :temporary,
        start: {Agent, :start_link, [fn -> nil end, [name: {:via, Registry, {names, name}}]]}
      }

      if pid_of(names, name), do: {:error, :running}, else: start(supervisor, spec, :running)
    end
  end

  defp start(supervisor, spec, there) do
    case DynamicSupervisor.start_child(supervisor, spec) do
      {:ok, _} -> :ok
      {:error, {:already_started, _}} -> {:error, there}
      {:error, :max_children} -> full(supervisor, spec, there)
    end
  end

  # full, unless the supervisor has yet to hear of a child that ended
  defp full(supervisor, spec, there) do
    if Enum.all?(children(supervisor), &Process.alive?/1),
      do: {:error, :full},
      else: start(supervisor, spec, there)
  end

  def pid({names, _} = system, tenant, job) do
    with {:ok, supervisor} <- tenant(system, tenant) do
      case pid_of(names, {:job, supervisor, job}) do
        nil -> {:error, :unknown}
        pid -> {:ok, pid}
      end
    end
  end

  def finish(system, tenant, job) do
    with {:ok, supervisor} <- tenant(system, tenant),
         {:ok, pid} <- pid(system, tenant, job),
         {:error, :not_found} <- DynamicSupervisor.terminate_child(supervisor, pid) do
      {:error, :unknown}
    end
  end

  def jobs({names, _} = system, tenant) do
    with {:ok, supervisor} <- tenant(system, tenant) do
      jobs =
        for pid <- children(supervisor),
            Process.alive?(pid),
            {:job, _, job} <- Registry.keys(names, pid),
            do: job

      {:ok, Enum.sort(jobs)}
    end
  end

  def close({_, top} = system, tenant) do
    with {:ok, supervisor} <- tenant(system, tenant),
         {:ok, jobs} <- jobs(system, tenant) do
      DynamicSupervisor.terminate_child(top, supervisor)
      {:ok, length(jobs)}
    end
  end

  defp tenant({names, _}, tenant) do
    case pid_of(names, {:tenant, tenant}) do
      nil -> {:error, :closed}
      supervisor -> {:ok, supervisor}
    end
  end

  defp pid_of(names, name), do: GenServer.whereis({:via, Registry, {names, name}})

  defp children(supervisor) do
    for {_, pid, _, _} <- DynamicSupervisor.which_children(supervisor), is_pid(pid), do: pid
  end
end
