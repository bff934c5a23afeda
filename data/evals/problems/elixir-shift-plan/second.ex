defmodule Shifts do
  def first(workers, day, count) do
    for n <- places(count), do: shift((day - 1) * 2 + n, workers)
  end

  def on(workers, worker, days) do
    for n <- places(days * 2), {day, part, ^worker} <- [shift(n, workers)], do: {day, part}
  end

  defp places(0), do: []
  defp places(count), do: Enum.to_list(0..(count - 1))

  defp shift(n, workers) do
    {div(n, 2) + 1, elem({:day, :night}, rem(n, 2)), Enum.at(workers, rem(n, length(workers)))}
  end
end
