defprotocol Weighable do
  def weight(term)
end

defimpl Weighable, for: Integer do
  def weight(number), do: abs(number)
end

defimpl Weighable, for: Atom do
  def weight(_atom), do: 1
end

defimpl Weighable, for: BitString do
  def weight(text), do: String.length(text)
end

defimpl Weighable, for: List do
  def weight(list), do: list |> Enum.map(&Weighable.weight/1) |> Enum.sum()
end

defimpl Weighable, for: Tuple do
  def weight(tuple), do: tuple |> Tuple.to_list() |> Weighable.weight()
end

defimpl Weighable, for: Map do
  def weight(map) do
    Enum.reduce(map, 0, fn {key, value}, sum ->
      sum + Weighable.weight(key) + Weighable.weight(value)
    end)
  end
end
