defmodule Hoard.Worker do
  def start(keeper) do
    spawn_link(fn ->
      Process.monitor(keeper)

      receive do
        {:"ETS-TRANSFER", table, ^keeper, _} -> serve(table, keeper)
      end
    end)
  end

  defp serve(table, keeper) do
    receive do
      {:put, from, ref, object} ->
        :ets.insert(table, object)
        send(from, {ref, :ok})
        serve(table, keeper)

      {:DOWN, _, :process, ^keeper, reason} ->
        exit(reason)
    end
  end
end

defmodule Hoard do
  use GenServer

  def start_link, do: GenServer.start_link(__MODULE__, nil)

  def put(pid, key, value) do
    worker = worker(pid)
    ref = Process.monitor(worker)
    send(worker, {:put, self(), ref, {key, value}})

    receive do
      {^ref, :ok} ->
        Process.demonitor(ref, [:flush])
        :ok

      {:DOWN, ^ref, :process, _, reason} ->
        exit(reason)
    end
  end

  def get(pid, key) do
    case :ets.lookup(GenServer.call(pid, :table), key) do
      [{_, value}] -> {:ok, value}
      [] -> :error
    end
  end

  def worker(pid), do: GenServer.call(pid, :worker)
  def owner(pid), do: :ets.info(GenServer.call(pid, :table), :owner)
  def handovers(pid), do: GenServer.call(pid, :handovers)
  def crash(pid, reason), do: GenServer.call(pid, {:crash, reason}, :infinity)

  @impl true
  def init(nil) do
    Process.flag(:trap_exit, true)
    table = :ets.new(__MODULE__, [:set, :protected, {:heir, self(), :died}])
    {:ok, %{table: table, worker: employ(table), handovers: 0, waiting: []}}
  end

  @impl true
  def handle_call({:crash, reason}, from, state) do
    Process.exit(state.worker, reason)
    {:noreply, %{state | waiting: [from | state.waiting]}}
  end

  def handle_call(what, _from, state), do: {:reply, Map.fetch!(state, what), state}

  @impl true
  def handle_info({:"ETS-TRANSFER", table, _worker, :died}, state) do
    worker = employ(table)
    Enum.each(state.waiting, &GenServer.reply(&1, :ok))
    {:noreply, %{state | worker: worker, handovers: state.handovers + 1, waiting: []}}
  end

  def handle_info({:EXIT, _worker, _reason}, state), do: {:noreply, state}

  defp employ(table) do
    worker = Hoard.Worker.start(self())
    :ets.give_away(table, worker, :yours)
    worker
  rescue
    # killed before it got the table
    ArgumentError -> employ(table)
  end
end
