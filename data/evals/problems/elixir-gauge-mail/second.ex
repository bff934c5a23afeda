defmodule Gauge do
  use GenServer

  def start_link(names), do: GenServer.start_link(__MODULE__, names)
  def sensors(pid), do: GenServer.call(pid, :sensors)
  def total(pid), do: GenServer.call(pid, :total)
  def reach(pid, limit), do: GenServer.call(pid, {:reach, limit}, :infinity)

  @impl true
  def init(names), do: {:ok, %{best: Map.new(names, &{&1, nil}), total: 0, waiting: []}}

  @impl true
  def handle_call(:sensors, _, gauge), do: {:reply, gauge.best, gauge}
  def handle_call(:total, _, gauge), do: {:reply, gauge.total, gauge}
  def handle_call({:reach, limit}, from, gauge), do: {:noreply, tell(%{gauge | waiting: [{limit, from} | gauge.waiting]})}

  @impl true
  def handle_info(message, gauge) do
    with {:reading, name, value} when is_integer(value) <- message,
         {:ok, best} <- Map.fetch(gauge.best, name) do
      most = if best == nil or value > best, do: value, else: best
      {:noreply, tell(%{gauge | best: Map.put(gauge.best, name, most), total: gauge.total + value})}
    else
      _ -> {:noreply, gauge}
    end
  end

  defp tell(gauge) do
    {now, later} = Enum.split_with(gauge.waiting, fn {limit, _} -> gauge.total >= limit end)
    for {_, from} <- now, do: GenServer.reply(from, {:ok, gauge.total})
    %{gauge | waiting: later}
  end
end
