defmodule Hub do
  use GenServer

  def start_link, do: GenServer.start_link(__MODULE__, [])
  def join(hub), do: GenServer.call(hub, :join)
  def subscribe(hub, box, topic), do: GenServer.call(hub, {:topics, box, topic, :put})
  def unsubscribe(hub, box, topic), do: GenServer.call(hub, {:topics, box, topic, :delete})
  def publish(hub, topic, message), do: GenServer.call(hub, {:publish, topic, message})
  def drain(hub, box), do: GenServer.call(hub, {:drain, box})

  @impl true
  def init([]), do: {:ok, %{}}

  @impl true
  def handle_call(:join, _from, boxes) do
    number = map_size(boxes) + 1
    {:reply, number, Map.put(boxes, number, {MapSet.new(), []})}
  end

  def handle_call({:publish, topic, message}, _from, boxes) do
    wanted = for {box, {topics, _}} <- boxes, Enum.any?(topics, &matches?(&1, topic)), do: box

    boxes =
      Enum.reduce(wanted, boxes, fn box, boxes ->
        Map.update!(boxes, box, fn {topics, kept} -> {topics, [{topic, message} | kept]} end)
      end)

    {:reply, length(wanted), boxes}
  end

  def handle_call(request, _from, boxes) when not is_map_key(boxes, elem(request, 1)) do
    {:reply, {:error, :no_box}, boxes}
  end

  def handle_call({:topics, box, topic, change}, _from, boxes) do
    change = fn {topics, kept} -> {apply(MapSet, change, [topics, topic]), kept} end
    {:reply, :ok, Map.update!(boxes, box, change)}
  end

  def handle_call({:drain, box}, _from, boxes) do
    {topics, kept} = boxes[box]
    {:reply, Enum.reverse(kept), Map.put(boxes, box, {topics, []})}
  end

  defp matches?(pattern, topic) do
    case String.split_at(pattern, -1) do
      {start, "*"} -> String.starts_with?(topic, start)
      _ -> pattern == topic
    end
  end
end
