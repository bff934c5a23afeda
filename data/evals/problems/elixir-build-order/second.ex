defmodule Build do
  def order(needs) do
    targets = Enum.sort(Enum.uniq(Map.keys(needs) ++ Enum.concat(Map.values(needs))))
    place(targets, needs, [])
  end

  defp place([], _needs, done), do: {:ok, Enum.reverse(done)}

  defp place(left, needs, done) do
    case Enum.find(left, &ready?(needs, &1, done)) do
      nil -> {:error, left}
      target -> place(List.delete(left, target), needs, [target | done])
    end
  end

  defp ready?(needs, target, done), do: Enum.all?(Map.get(needs, target, []), &(&1 in done))
end
