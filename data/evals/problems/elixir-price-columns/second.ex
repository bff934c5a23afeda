defmodule Columns do
  def layout(rows, most) do
    count = rows |> Enum.map(&length/1) |> Enum.max(fn -> 0 end)

    columns =
      for n <- Enum.take(0..count, count) do
        rows |> Enum.map(&Enum.at(&1, n)) |> column(most)
      end

    for n <- Enum.take(0..length(rows), length(rows)) do
      columns |> Enum.map(&elem(&1, n)) |> Enum.join("  ") |> String.trim_trailing(" ")
    end
  end

  # the cells of a column, all as wide as the widest
  defp column(cells, most) do
    texts = Enum.map(cells, &text(&1, most))
    width = texts |> Enum.map(&String.length/1) |> Enum.max()
    pad = if right?(cells), do: &String.pad_leading/2, else: &String.pad_trailing/2
    texts |> Enum.map(&pad.(&1, width)) |> List.to_tuple()
  end

  defp right?(cells) do
    Enum.any?(cells, &is_integer/1) and Enum.all?(cells, &(is_integer(&1) or is_nil(&1)))
  end

  defp text(nil, _most), do: ""
  defp text(n, _most) when is_integer(n), do: Integer.to_string(n)

  defp text(string, most) do
    case Enum.split(String.graphemes(string), most) do
      {_, []} -> string
      {first, _} -> Enum.join(List.replace_at(first, -1, "…"))
    end
  end
end
