defmodule Flight do
  use GenServer

  def start_link, do: GenServer.start_link(__MODULE__, nil)
  def run(pid, key, fun), do: GenServer.call(pid, {:run, key, fun}, :infinity)
  def waiting(pid, key), do: GenServer.call(pid, {:waiting, key})

  @impl true
  def init(nil) do
    {:ok, tasks} = Task.Supervisor.start_link()
    {:ok, %{tasks: tasks, flights: %{}, keys: %{}}}
  end

  @impl true
  def handle_call({:waiting, key}, _from, state) do
    {:reply, length(Map.get(state.flights, key, [])), state}
  end

  def handle_call({:run, key, fun}, from, %{flights: flights} = state) do
    if Map.has_key?(flights, key) do
      {:noreply, %{state | flights: Map.update!(flights, key, &[from | &1])}}
    else
      {:noreply, depart(key, fun, %{state | flights: Map.put(flights, key, [from])})}
    end
  end

  @impl true
  def handle_info({ref, value}, state) when is_reference(ref) do
    Process.demonitor(ref, [:flush])
    {:noreply, land(ref, {:ok, value}, state)}
  end

  def handle_info({:DOWN, ref, :process, _pid, reason}, state) do
    {:noreply, land(ref, {:error, reason}, state)}
  end

  defp depart(key, fun, state) do
    task = Task.Supervisor.async_nolink(state.tasks, fun)
    %{state | keys: Map.put(state.keys, task.ref, key)}
  end

  defp land(ref, answer, %{flights: flights} = state) do
    {key, keys} = Map.pop!(state.keys, ref)
    {callers, flights} = Map.pop(flights, key, [])
    for caller <- callers, do: GenServer.reply(caller, answer)
    %{state | flights: flights, keys: keys}
  end
end
