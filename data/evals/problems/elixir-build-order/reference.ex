defmodule Build do
  def order(needs) do
    all = Enum.uniq(Map.keys(needs) ++ Enum.concat(Map.values(needs)))
    place(Enum.sort(all), needs, [])
  end

  defp place([], _needs, done), do: {:ok, Enum.reverse(done)}

  defp place(left, needs, done) do
    ready? = fn target -> Enum.all?(Map.get(needs, target, []), &(&1 in done)) end

    case Enum.find(left, ready?) do
      nil -> {:error, left}
      next -> place(List.delete(left, next), needs, [next | done])
    end
  end
end
