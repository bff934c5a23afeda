defmodule Mask do
  def hide(text, keep), do: text |> cut([]) |> hidden(keep, "")

  # the characters, last first
  defp cut(text, found) do
    case String.next_grapheme(text) do
      {one, rest} -> cut(rest, [one | found])
      nil -> found
    end
  end

  defp hidden([], _keep, done), do: done
  defp hidden([_ | rest], 0, done), do: hidden(rest, 0, "*" <> done)
  defp hidden([one | rest], keep, done), do: hidden(rest, keep - 1, one <> done)

  def fit(text, width) do
    if text |> cut([]) |> length() > width do
      start = text |> cut([]) |> Enum.reverse() |> Enum.take(width - 1) |> Enum.join()
      Regex.replace(~r/[[:space:]]+\z/u, start, "") <> "…"
    else
      text
    end
  end

  def same?(a, b), do: String.equivalent?(String.downcase(a), String.downcase(b))
end
