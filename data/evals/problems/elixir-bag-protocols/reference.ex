defmodule Bag do
  defstruct counts: %{}

  def new, do: %Bag{}

  def put(%Bag{counts: counts} = bag, element) do
    %{bag | counts: Map.update(counts, element, 1, &(&1 + 1))}
  end

  def count(%Bag{counts: counts}, element), do: Map.get(counts, element, 0)

  def take_out(%Bag{} = bag, element) do
    case bag.counts do
      %{^element => 1} -> {:ok, %{bag | counts: Map.delete(bag.counts, element)}}
      %{^element => n} -> {:ok, %{bag | counts: %{bag.counts | element => n - 1}}}
      %{} -> :error
    end
  end

  defimpl Enumerable do
    def count(%Bag{counts: counts}), do: {:ok, counts |> Map.values() |> Enum.sum()}
    def member?(%Bag{counts: counts}, element), do: {:ok, is_map_key(counts, element)}
    def slice(_bag), do: {:error, __MODULE__}

    def reduce(%Bag{counts: counts}, acc, fun) do
      counts
      |> Enum.sort()
      |> Enum.flat_map(fn {element, n} -> List.duplicate(element, n) end)
      |> Enumerable.reduce(acc, fun)
    end
  end

  defimpl Collectable do
    def into(bag) do
      collect = fn
        bag, {:cont, element} -> Bag.put(bag, element)
        bag, :done -> bag
        _bag, :halt -> :ok
      end

      {bag, collect}
    end
  end

  defimpl String.Chars do
    def to_string(%Bag{counts: counts}) do
      words = for {element, n} <- Enum.sort(counts), do: "#{inspect(element)}x#{n}"
      "#Bag<" <> Enum.join(words, " ") <> ">"
    end
  end
end
