defmodule Pool do
  use GenServer

  def start_link(max), do: GenServer.start_link(__MODULE__, max)
  def hire(pool, name), do: GenServer.call(pool, {:hire, name}, :infinity)
  def fire(pool, name), do: GenServer.call(pool, {:fire, name}, :infinity)
  def crash(pool, name), do: GenServer.call(pool, {:crash, name}, :infinity)
  def ask(pool, name), do: GenServer.call(pool, {:ask, name}, :infinity)
  def names(pool), do: GenServer.call(pool, :names, :infinity)

  # workers say by message when they start; one thing at a time happens to them
  @impl true
  def init(max) do
    {:ok, supervisor} =
      DynamicSupervisor.start_link(
        strategy: :one_for_one, max_children: max, max_restarts: 10_000, max_seconds: 1
      )

    {:ok, {supervisor, %{}}}
  end

  @doc false
  def start_worker(pool, name) do
    Agent.start_link(fn ->
      send(pool, {:started, name, self()})
      0
    end)
  end

  @impl true
  def handle_call(:names, _from, {_, workers} = state),
    do: {:reply, Enum.sort(Map.keys(workers)), state}

  def handle_call({:hire, name}, _from, {_, workers} = state) when is_map_key(workers, name),
    do: {:reply, {:error, :taken}, state}

  def handle_call({:hire, name}, _from, {supervisor, workers} = state) do
    spec = %{id: name, start: {__MODULE__, :start_worker, [self(), name]}}

    case DynamicSupervisor.start_child(supervisor, spec) do
      {:ok, _} -> {:reply, :ok, {supervisor, Map.put(workers, name, started(name))}}
      {:error, :max_children} -> {:reply, {:error, :full}, state}
    end
  end

  def handle_call({_, name}, _from, {_, workers} = state) when not is_map_key(workers, name),
    do: {:reply, {:error, :unknown}, state}

  def handle_call({:fire, name}, _from, {supervisor, workers}) do
    {pid, workers} = Map.pop!(workers, name)
    {:reply, DynamicSupervisor.terminate_child(supervisor, pid), {supervisor, workers}}
  end

  def handle_call({:crash, name}, _from, {supervisor, workers}) do
    Process.exit(workers[name], :kill)
    {:reply, :ok, {supervisor, %{workers | name => started(name)}}}
  end

  def handle_call({:ask, name}, _from, {_, workers} = state),
    do: {:reply, {:ok, Agent.get_and_update(workers[name], &{&1 + 1, &1 + 1})}, state}

  defp started(name) do
    receive do
      {:started, ^name, pid} -> pid
    end
  end
end
