defmodule Flight do
  use GenServer

  def start_link, do: GenServer.start_link(__MODULE__, [])
  def run(pid, key, fun), do: GenServer.call(pid, {:run, key, fun}, :infinity)
  def waiting(pid, key), do: GenServer.call(pid, {:waiting, key})

  # flights as {key, monitor of the process, callers}
  @impl true
  def init(flights), do: {:ok, flights}

  @impl true
  def handle_call({:run, key, fun}, from, flights) do
    case Enum.split_with(flights, fn {other, _, _} -> other === key end) do
      {[], _} ->
        ref = make_ref()
        {_, monitor} = spawn_monitor(fn -> exit({__MODULE__, ref, fun.()}) end)
        {:noreply, [{key, {monitor, ref}, [from]} | flights]}

      {[{_, process, callers}], others} ->
        {:noreply, [{key, process, [from | callers]} | others]}
    end
  end

  def handle_call({:waiting, key}, _from, flights) do
    {:reply, length(for {other, _, callers} <- flights, other === key, _ <- callers, do: 1), flights}
  end

  @impl true
  def handle_info({:DOWN, monitor, :process, _, reason}, flights) do
    {[{_, {_, ref}, callers}], others} =
      Enum.split_with(flights, &match?({_, {^monitor, _}, _}, &1))

    answer =
      case reason do
        {__MODULE__, ^ref, value} -> {:ok, value}
        reason -> {:error, reason}
      end

    Enum.each(callers, &GenServer.reply(&1, answer))
    {:noreply, others}
  end
end
