defmodule Columns do
  def layout(rows, most) do
    count = rows |> Enum.map(&length/1) |> Enum.max(fn -> 0 end)
    rows = for row <- rows, do: row ++ List.duplicate(nil, count - length(row))
    columns = Enum.zip_with(rows, & &1)
    aligned = for column <- columns, do: column(column, most)

    case count do
      0 -> Enum.map(rows, fn [] -> "" end)
      _ -> Enum.zip_with(aligned, &line/1)
    end
  end

  defp column(cells, most) do
    texts = Enum.map(cells, &text(&1, most))
    width = texts |> Enum.map(&String.length/1) |> Enum.max()
    pad = if numbers?(cells), do: &String.pad_leading/2, else: &String.pad_trailing/2
    Enum.map(texts, &pad.(&1, width))
  end

  defp line(cells) do
    cells
    |> Enum.join("  ")
    |> String.trim_trailing(" ")
  end

  defp numbers?(cells) do
    Enum.any?(cells, &is_integer/1) and Enum.all?(cells, &(is_integer(&1) or is_nil(&1)))
  end

  defp text(nil, _most), do: ""
  defp text(number, _most) when is_integer(number), do: Integer.to_string(number)

  defp text(string, most) do
    if String.length(string) > most do
      String.slice(string, 0, most - 1) <> "…"
    else
      string
    end
  end
end
