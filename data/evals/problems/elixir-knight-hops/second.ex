defmodule Knight do
  @board for column <- 1..8, row <- 1..8, do: {column, row}

  def moves({column, row}) do
    Enum.filter(@board, fn {c, r} -> abs(c - column) * abs(r - row) == 2 end)
  end

  def within(square, 0), do: [square]

  def within(square, n) do
    Enum.sort(Enum.uniq([square | Enum.flat_map(moves(square), &within_few(&1, min(n, 6) - 1))]))
  end

  # six moves reach all of the board
  defp within_few(square, n), do: spread(MapSet.new([square]), n)

  defp spread(squares, 0), do: squares
  defp spread(squares, n), do: spread(Enum.reduce(squares, squares, &Enum.into(moves(&1), &2)), n - 1)
end
