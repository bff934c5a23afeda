defmodule Figures do
  @scales [
    {"T", 1_000_000_000_000},
    {"G", 1_000_000_000},
    {"M", 1_000_000},
    {"k", 1_000}
  ]

  def short(n) when n < 0, do: "-" <> short(-n)
  def short(n) when n < 1000, do: Integer.to_string(n)

  def short(n) do
    {letter, scale} = Enum.find(@scales, fn {_letter, scale} -> n >= scale end)
    decimals = decimals(div(n, scale))
    unit = div(scale, Integer.pow(10, decimals))
    rounded = div(2 * n + unit, 2 * unit)

    if rounded >= 1000 and n < 1000 * unit do
      short(1000 * unit)
    else
      whole = div(rounded, Integer.pow(10, decimals))

      case String.trim_trailing(fraction(rounded, decimals), "0") do
        "" -> "#{whole}#{letter}"
        digits -> "#{whole}.#{digits}#{letter}"
      end
    end
  end

  def grouped(n, places, separator) when n < 0, do: "-" <> grouped(-n, places, separator)

  def grouped(n, places, separator) do
    groups = n |> div(Integer.pow(10, places)) |> Integer.digits() |> groups()
    whole = Enum.map_join(groups, separator, &Enum.join/1)

    if places == 0, do: whole, else: whole <> "." <> fraction(n, places)
  end

  defp decimals(whole) when whole < 10, do: 2
  defp decimals(whole) when whole < 100, do: 1
  defp decimals(_whole), do: 0

  defp fraction(n, places) do
    n |> rem(Integer.pow(10, places)) |> Integer.to_string() |> String.pad_leading(places, "0")
  end

  defp groups(digits) do
    digits |> Enum.reverse() |> Enum.chunk_every(3) |> Enum.map(&Enum.reverse/1) |> Enum.reverse()
  end
end
