defmodule Hub do
  use GenServer

  def start_link, do: GenServer.start_link(__MODULE__, nil)
  def join(hub), do: GenServer.call(hub, :join)
  def subscribe(hub, box, topic), do: GenServer.call(hub, {:to, box, {:subscribe, topic}})
  def unsubscribe(hub, box, topic), do: GenServer.call(hub, {:to, box, {:unsubscribe, topic}})
  def publish(hub, topic, message), do: GenServer.call(hub, {:publish, topic, message})
  def drain(hub, box), do: GenServer.call(hub, {:to, box, :drain})

  # box => {topics, messages, the newest first}
  @impl true
  def init(nil), do: {:ok, %{}}

  @impl true
  def handle_call(:join, _from, boxes) do
    number = map_size(boxes) + 1
    {:reply, number, Map.put(boxes, number, {[], []})}
  end

  def handle_call({:to, number, what}, _from, boxes) when is_map_key(boxes, number) do
    {answer, box} = act(what, boxes[number])
    {:reply, answer, %{boxes | number => box}}
  end

  def handle_call({:to, _number, _what}, _from, boxes), do: {:reply, {:error, :no_box}, boxes}

  def handle_call({:publish, topic, message}, _from, boxes) do
    hit = for {number, {topics, _}} <- boxes, Enum.any?(topics, &covers?(&1, topic)), do: number

    boxes =
      Enum.reduce(hit, boxes, fn number, boxes ->
        Map.update!(boxes, number, fn {topics, got} -> {topics, [{topic, message} | got]} end)
      end)

    {:reply, length(hit), boxes}
  end

  defp act({:subscribe, topic}, {topics, got}), do: {:ok, {[topic | topics], got}}
  defp act({:unsubscribe, topic}, {topics, got}), do: {:ok, {Enum.reject(topics, &(&1 == topic)), got}}
  defp act(:drain, {topics, got}), do: {Enum.reverse(got), {topics, []}}

  defp covers?("*", _topic), do: true
  defp covers?(topic, topic), do: true
  defp covers?(<<char::utf8, pattern::binary>>, <<char::utf8, topic::binary>>), do: covers?(pattern, topic)
  defp covers?(_, _), do: false
end
