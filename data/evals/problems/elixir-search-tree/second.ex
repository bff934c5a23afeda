defmodule Tree do
  def insert(tree, value) do
    case tree do
      nil -> {nil, value, nil}
      {left, top, right} ->
        cond do
          value < top -> {insert(left, value), top, right}
          value > top -> {left, top, insert(right, value)}
          true -> tree
        end
    end
  end

  def to_list(tree), do: collect(tree, [])

  defp collect(nil, behind), do: behind
  defp collect({left, value, right}, behind), do: collect(left, [value | collect(right, behind)])

  def depth(tree), do: levels([tree], 0)

  defp levels(trees, n) do
    case Enum.reject(trees, &is_nil/1) do
      [] -> n
      nodes -> levels(Enum.flat_map(nodes, fn {left, _, right} -> [left, right] end), n + 1)
    end
  end
end
