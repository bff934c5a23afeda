defprotocol Weighable do
  def weight(value)
end

for type <- [Integer, Atom, BitString, List, Tuple, Map] do
  defimpl Weighable, for: type do
    def weight(n) when is_integer(n), do: if(n < 0, do: -n, else: n)
    def weight(atom) when is_atom(atom), do: 1
    def weight(text) when is_binary(text), do: String.length(text)
    def weight([]), do: 0
    def weight([first | rest]), do: Weighable.weight(first) + weight(rest)
    def weight(tuple) when is_tuple(tuple), do: tuple |> Tuple.to_list() |> Weighable.weight()
    def weight(map) when is_map(map), do: Weighable.weight(Map.keys(map)) + Weighable.weight(Map.values(map))
    def weight(other), do: raise(Protocol.UndefinedError, protocol: Weighable, value: other)
  end
end
