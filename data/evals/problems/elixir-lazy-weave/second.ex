defmodule Weave do
  def merge(sources, key) do
    Stream.resource(
      fn -> {:unasked, Enum.map(sources, &start/1)} end,
      &next(&1, key),
      &stop/1
    )
  end

  # a source is a continuation that gives one item and waits
  defp start(source),
    do: &Enumerable.reduce(source, &1, fn item, _ -> {:suspend, {:item, item}} end)

  # `heads`: {key, number of the source, item, continuation}, in the order in which they go
  defp next({:unasked, sources}, key) do
    sources
    |> Enum.with_index()
    |> Enum.reduce([], fn {source, number}, heads -> ask(heads, source, number, key) end)
    |> give()
  end

  defp next({:given, number, source, heads}, key), do: heads |> ask(source, number, key) |> give()

  defp give([]), do: {:halt, :ended}
  defp give([{_key, number, item, source} | heads]), do: {[item], {:given, number, source, heads}}

  defp ask(heads, source, number, key) do
    case source.({:cont, :nothing}) do
      {:suspended, {:item, item}, source} -> put(heads, {key.(item), number, item, source})
      {_done, _} -> heads
    end
  end

  defp put([first | others], head) when {elem(first, 0), elem(first, 1)} < {elem(head, 0), elem(head, 1)},
    do: [first | put(others, head)]

  defp put(heads, head), do: [head | heads]

  defp stop({:given, _number, source, heads}) do
    Enum.each([source | Enum.map(heads, &elem(&1, 3))], & &1.({:halt, :nothing}))
  end

  defp stop(_), do: :ok
end
