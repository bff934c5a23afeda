defmodule Weave do
  def merge(sources, key) do
    Stream.resource(
      fn -> Enum.map(sources, &{:waiting, reader(&1)}) end,
      &next(&1, key),
      &close/1
    )
  end

  # a function that runs the source up to its next item
  defp reader(source) do
    fn command -> Enumerable.reduce(source, command, fn item, _last -> {:suspend, item} end) end
  end

  defp next(readers, key) do
    case Enum.flat_map(readers, &read/1) do
      [] ->
        {:halt, []}

      heads ->
        {{:head, item, reader}, index} =
          heads
          |> Enum.with_index()
          |> Enum.min_by(fn {{:head, item, _reader}, index} -> {key.(item), index} end)

        {[item], List.replace_at(heads, index, {:waiting, reader})}
    end
  end

  defp read({:head, _item, _reader} = head), do: [head]

  defp read({:waiting, reader}) do
    case reader.({:cont, nil}) do
      {:suspended, item, reader} -> [{:head, item, reader}]
      {_ended, _last} -> []
    end
  end

  defp close(readers) do
    readers
    |> Enum.map(fn
      {:head, _item, reader} -> {:head, reader}
      waiting -> waiting
    end)
    |> Enum.each(fn {_kind, reader} -> reader.({:halt, nil}) end)
  end
end
