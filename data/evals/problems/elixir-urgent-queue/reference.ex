defmodule Urgent do
  # a pairing heap of {priority, number, item}; the number keeps equals in order
  defstruct heap: nil, next: 0, size: 0

  def new, do: %__MODULE__{}

  def size(queue), do: queue.size

  def push(queue, item, priority) do
    node = {{priority, queue.next, item}, []}
    %{queue | heap: meld(queue.heap, node), next: queue.next + 1, size: queue.size + 1}
  end

  def pop(%__MODULE__{heap: nil}), do: :empty

  def pop(%__MODULE__{heap: {{_priority, _number, item}, heaps}} = queue) do
    {:ok, item, %{queue | heap: pair(heaps), size: queue.size - 1}}
  end

  def merge(left, right) do
    shifted = shift(right.heap, left.next)

    %__MODULE__{
      heap: meld(left.heap, shifted),
      next: left.next + right.next,
      size: left.size + right.size
    }
  end

  def to_list(%__MODULE__{heap: nil}), do: []

  def to_list(%__MODULE__{heap: {{priority, _number, item}, _heaps}} = queue) do
    {:ok, ^item, rest} = pop(queue)
    [{item, priority} | to_list(rest)]
  end

  defp shift(nil, _by), do: nil

  defp shift({{priority, number, item}, heaps}, by) do
    {{priority, number + by, item}, Enum.map(heaps, &shift(&1, by))}
  end

  defp meld(nil, heap), do: heap
  defp meld(heap, nil), do: heap

  defp meld({one, ones} = left, {two, twos} = right) do
    if before?(one, two), do: {one, [right | ones]}, else: {two, [left | twos]}
  end

  defp pair([]), do: nil
  defp pair([heap]), do: heap
  defp pair([one, two | rest]), do: meld(meld(one, two), pair(rest))

  defp before?({p1, n1, _}, {p2, n2, _}), do: {p1, n1} <= {p2, n2}
end
