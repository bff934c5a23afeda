defmodule Bag do
  # all elements, each as often as it is there, ascending
  defstruct elements: []

  def new, do: %Bag{}

  def put(%Bag{elements: elements}, element) do
    {lower, others} = Enum.split_while(elements, &before?(&1, element))
    %Bag{elements: lower ++ [element | others]}
  end

  def count(%Bag{elements: elements}, element), do: Enum.count(elements, &(&1 === element))

  def take_out(%Bag{elements: elements}, element) do
    case Enum.split_while(elements, &(&1 !== element)) do
      {_all, []} -> :error
      {lower, [_ | others]} -> {:ok, %Bag{elements: lower ++ others}}
    end
  end

  # 1 and 1.0 are equal in the order of terms, but as keys of maps they have an order
  defp before?(a, b) when a == b, do: a !== b and %{a => 0} < %{b => 0}
  defp before?(a, b), do: a < b

  defimpl Enumerable do
    def count(bag), do: {:ok, length(bag.elements)}
    def member?(bag, element), do: {:ok, Bag.count(bag, element) > 0}
    def slice(_bag), do: {:error, __MODULE__}
    def reduce(bag, acc, fun), do: Enumerable.List.reduce(bag.elements, acc, fun)
  end

  defimpl Collectable do
    def into(bag) do
      {bag,
       fn
         bag, {:cont, element} -> Bag.put(bag, element)
         bag, :done -> bag
         _bag, :halt -> :ok
       end}
    end
  end

  defimpl String.Chars do
    def to_string(bag) do
      parts =
        bag.elements
        |> Enum.chunk_by(&%{&1 => 0})
        |> Enum.map_join(" ", &"#{inspect(hd(&1))}x#{length(&1)}")

      "#Bag<#{parts}>"
    end
  end
end
