defmodule Urgent do
  # a map of lists by priority: each a tree of what was pushed, joined in constant time
  def new, do: %{}

  def push(queue, item, priority), do: Map.update(queue, priority, {:one, item}, &{:both, &1, {:one, item}})

  def pop(queue) when map_size(queue) == 0, do: :empty

  def pop(queue) do
    priority = queue |> Map.keys() |> Enum.min()

    case first(queue[priority], []) do
      {item, nil} -> {:ok, item, Map.delete(queue, priority)}
      {item, rest} -> {:ok, item, %{queue | priority => rest}}
    end
  end

  defp first({:one, item}, []), do: {item, nil}
  defp first({:one, item}, [last | behind]), do: {item, Enum.reduce(behind, last, fn part, all -> {:both, all, part} end)}
  defp first({:both, left, right}, behind), do: first(left, [right | behind])

  def merge(left, right), do: Map.merge(left, right, fn _, a, b -> {:both, a, b} end)

  def size(queue), do: queue |> to_list() |> length()

  def to_list(queue) do
    for {priority, tree} <- Enum.sort(queue), item <- items([tree], []), do: {item, priority}
  end

  defp items([], found), do: Enum.reverse(found)
  defp items([{:one, item} | rest], found), do: items(rest, [item | found])
  defp items([{:both, a, b} | rest], found), do: items([a, b | rest], found)
end
