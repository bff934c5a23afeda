defmodule FlowerField do
  def annotate(rows) do
    flowers =
      for {row, y} <- Enum.with_index(rows),
          {"*", x} <- Enum.with_index(String.graphemes(row)),
          into: MapSet.new(),
          do: {x, y}

    for {row, y} <- Enum.with_index(rows) do
      row |> String.graphemes() |> Enum.with_index() |> Enum.map_join(&cell(&1, y, flowers))
    end
  end

  defp cell({"*", _x}, _y, _flowers), do: "*"

  defp cell({_blank, x}, y, flowers) do
    near = for dx <- -1..1, dy <- -1..1, {x + dx, y + dy} in flowers, do: 1
    if near == [], do: " ", else: Integer.to_string(length(near))
  end
end
