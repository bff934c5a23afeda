defmodule Pool.Worker do
  use GenServer

  def start_link({registry, name}) do
    GenServer.start_link(__MODULE__, 0, name: {:via, Registry, {registry, name}})
  end

  @impl true
  def init(asked), do: {:ok, asked}

  @impl true
  def handle_call(:ask, _from, asked), do: {:reply, {:ok, asked + 1}, asked + 1}
end

defmodule Pool do
  def start_link(max) do
    registry = :"pool_names_#{System.unique_integer([:positive])}"
    {:ok, _pid} = Registry.start_link(keys: :unique, name: registry)

    {:ok, workers} =
      DynamicSupervisor.start_link(max_children: max, max_restarts: 100, strategy: :one_for_one)

    {:ok, {registry, workers}}
  end

  def hire({registry, workers}, name) do
    with nil <- find(registry, name),
         {:ok, _pid} <- DynamicSupervisor.start_child(workers, {Pool.Worker, {registry, name}}) do
      :ok
    else
      {:error, :max_children} -> {:error, :full}
      _ -> {:error, :taken}
    end
  end

  def ask({registry, _workers}, name), do: with_worker(registry, name, &GenServer.call(&1, :ask))

  def fire({registry, workers}, name) do
    with_worker(registry, name, fn pid ->
      :ok = DynamicSupervisor.terminate_child(workers, pid)
      await(fn -> find(registry, name) == nil end)
    end)
  end

  def crash({registry, _workers}, name) do
    with_worker(registry, name, fn pid ->
      Process.exit(pid, :kill)
      await(fn -> find(registry, name) not in [nil, pid] end)
    end)
  end

  def names({registry, _workers}) do
    registry |> Registry.select([{{:"$1", :_, :_}, [], [:"$1"]}]) |> Enum.sort()
  end

  defp with_worker(registry, name, fun) do
    case find(registry, name) do
      nil -> {:error, :unknown}
      pid -> fun.(pid)
    end
  end

  defp find(registry, name) do
    case Registry.lookup(registry, name) do
      [{pid, _value}] -> pid
      [] -> nil
    end
  end

  defp await(done?) do
    if done?.() do
      :ok
    else
      Process.sleep(1)
      await(done?)
    end
  end
end
