defmodule Figures do
  @letters [{"T", 12}, {"G", 9}, {"M", 6}, {"k", 3}]

  def short(n) when n < 0, do: "-" <> short(-n)
  def short(n) when n < 1000, do: Integer.to_string(n)

  def short(n) do
    rounded = round_to(n, Integer.pow(10, min(length(Integer.digits(n)) - 3, 12)))

    {letter, power} =
      Enum.find(@letters, fn {_, power} -> rounded >= Integer.pow(10, power) end)

    unit = Integer.pow(10, power)
    fraction = rounded |> rem(unit) |> Integer.to_string() |> String.pad_leading(power, "0")

    case String.trim_trailing(fraction, "0") do
      "" -> "#{div(rounded, unit)}#{letter}"
      digits -> "#{div(rounded, unit)}.#{digits}#{letter}"
    end
  end

  defp round_to(n, unit), do: div(n + div(unit, 2), unit) * unit

  def grouped(n, places, separator) when n < 0, do: "-" <> grouped(-n, places, separator)

  def grouped(n, places, separator) do
    unit = Integer.pow(10, places)
    whole = n |> div(unit) |> groups() |> Enum.join(separator)

    if places == 0,
      do: whole,
      else: whole <> "." <> (n |> rem(unit) |> Integer.to_string() |> String.pad_leading(places, "0"))
  end

  defp groups(n) when n < 1000, do: [Integer.to_string(n)]

  defp groups(n) do
    groups(div(n, 1000)) ++ [n |> rem(1000) |> Integer.to_string() |> String.pad_leading(3, "0")]
  end
end
