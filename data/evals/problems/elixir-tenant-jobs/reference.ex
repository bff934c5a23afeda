defmodule Tenants.Job do
  use Agent, restart: :temporary

  def start_link(name), do: Agent.start_link(fn -> nil end, name: name)
end

defmodule Tenants do
  def start_link(most) do
    registry = :"tenants_#{System.unique_integer([:positive])}"
    {:ok, _pid} = Registry.start_link(keys: :unique, name: registry)
    {:ok, tenants} = DynamicSupervisor.start_link(strategy: :one_for_one, max_children: most)
    {:ok, %{registry: registry, tenants: tenants}}
  end

  def open(system, tenant, quota) do
    case find(system, {:tenant, tenant}) do
      {:ok, _pid} ->
        {:error, :open}

      :error ->
        name = via(system, {:tenant, tenant})
        options = [strategy: :one_for_one, max_children: quota, name: name]
        spec = Supervisor.child_spec({DynamicSupervisor, options}, restart: :temporary)
        start(system.tenants, spec)
    end
  end

  def run(system, tenant, job) do
    with {:ok, supervisor} <- supervisor(system, tenant) do
      case find(system, {:job, tenant, job}) do
        {:ok, _pid} -> {:error, :running}
        :error -> start(supervisor, {Tenants.Job, via(system, {:job, tenant, job})})
      end
    end
  end

  def pid(system, tenant, job) do
    with {:ok, _supervisor} <- supervisor(system, tenant),
         :error <- find(system, {:job, tenant, job}),
         do: {:error, :unknown}
  end

  def finish(system, tenant, job) do
    with {:ok, supervisor} <- supervisor(system, tenant),
         {:ok, pid} <- pid(system, tenant, job) do
      DynamicSupervisor.terminate_child(supervisor, pid)
      until_gone(system, {:job, tenant, job})
    end
  end

  def jobs(system, tenant) do
    with {:ok, _supervisor} <- supervisor(system, tenant), do: {:ok, names(system, tenant)}
  end

  def close(system, tenant) do
    with {:ok, supervisor} <- supervisor(system, tenant) do
      jobs = DynamicSupervisor.count_children(supervisor).active
      DynamicSupervisor.terminate_child(system.tenants, supervisor)
      until_gone(system, {:tenant, tenant})
      Enum.each(names(system, tenant), &until_gone(system, {:job, tenant, &1}))
      {:ok, jobs}
    end
  end

  defp start(supervisor, spec) do
    case DynamicSupervisor.start_child(supervisor, spec) do
      {:ok, _pid} -> :ok
      {:error, :max_children} -> {:error, :full}
    end
  end

  defp supervisor(system, tenant) do
    with :error <- find(system, {:tenant, tenant}), do: {:error, :closed}
  end

  defp names(system, tenant) do
    system.registry
    |> Registry.select([{{{:job, :"$1", :"$2"}, :_, :_}, [], [{{:"$1", :"$2"}}]}])
    |> Enum.filter(&match?({^tenant, _job}, &1))
    |> Enum.map(fn {_tenant, job} -> job end)
    |> Enum.sort()
  end

  defp via(system, key), do: {:via, Registry, {system.registry, key}}

  defp find(system, key) do
    case Registry.lookup(system.registry, key) do
      [{pid, _value}] -> {:ok, pid}
      [] -> :error
    end
  end

  # the registry hears of an end a little later
  defp until_gone(system, key) do
    with {:ok, _pid} <- find(system, key) do
      Process.sleep(1)
      until_gone(system, key)
    else
      :error -> :ok
    end
  end
end
