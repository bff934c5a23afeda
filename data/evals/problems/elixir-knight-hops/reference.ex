defmodule Knight do
  def moves({column, row}) do
    hops =
      for across <- [-2, -1, 1, 2],
          up <- [-2, -1, 1, 2],
          abs(across) != abs(up),
          column + across in 1..8,
          row + up in 1..8,
          do: {column + across, row + up}

    Enum.sort(hops)
  end

  def within(square, n), do: [square] |> MapSet.new() |> spread(n) |> Enum.sort()

  defp spread(reached, 0), do: reached

  defp spread(reached, n) do
    next = for square <- reached, hop <- moves(square), into: reached, do: hop
    spread(next, n - 1)
  end
end
