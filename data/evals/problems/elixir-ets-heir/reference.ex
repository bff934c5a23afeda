defmodule Hoard.Worker do
  use GenServer

  def start_link, do: GenServer.start_link(__MODULE__, nil)

  @impl true
  def init(nil), do: {:ok, nil}

  @impl true
  def handle_call({:put, key, value}, _from, table) do
    true = :ets.insert(table, {key, value})
    {:reply, :ok, table}
  end

  @impl true
  def handle_info({:"ETS-TRANSFER", table, _from, :yours}, nil), do: {:noreply, table}
end

defmodule Hoard do
  use GenServer

  def start_link, do: GenServer.start_link(__MODULE__, nil)

  def put(pid, key, value), do: GenServer.call(worker(pid), {:put, key, value})
  def get(pid, key), do: GenServer.call(pid, {:get, key})
  def worker(pid), do: GenServer.call(pid, :worker)
  def owner(pid), do: GenServer.call(pid, :owner)
  def crash(pid, reason), do: GenServer.call(pid, {:crash, reason})
  def handovers(pid), do: GenServer.call(pid, :handovers)

  @impl true
  def init(nil) do
    Process.flag(:trap_exit, true)
    {:ok, hand_over(%{table: new_table(), worker: nil, handovers: 0, waiting: []})}
  end

  @impl true
  def handle_call({:get, key}, _from, state) do
    case :ets.lookup(state.table, key) do
      [{^key, value}] -> {:reply, {:ok, value}, state}
      [] -> {:reply, :error, state}
    end
  end

  def handle_call(:worker, _from, state), do: {:reply, state.worker, state}
  def handle_call(:owner, _from, state), do: {:reply, :ets.info(state.table, :owner), state}
  def handle_call(:handovers, _from, state), do: {:reply, state.handovers, state}

  def handle_call({:crash, reason}, from, state) do
    Process.exit(state.worker, reason)
    {:noreply, %{state | waiting: [from | state.waiting]}}
  end

  @impl true
  def handle_info({:"ETS-TRANSFER", table, _worker, :crashed}, state) do
    for from <- state.waiting, do: GenServer.reply(from, :ok)
    state = %{state | waiting: []}
    {:noreply, hand_over(%{state | table: table, handovers: state.handovers + 1})}
  end

  def handle_info({:EXIT, _worker, _reason}, state), do: {:noreply, state}

  defp new_table, do: :ets.new(:hoard, [:protected, {:heir, self(), :crashed}])

  defp hand_over(state) do
    {:ok, worker} = Hoard.Worker.start_link()
    :ets.give_away(state.table, worker, :yours)
    %{state | worker: worker}
  end
end
