defmodule Dues do
  def add_months({year, month, day}, n) do
    months = year * 12 + month - 1 + n
    {year, month} = {Integer.floor_div(months, 12), Integer.mod(months, 12) + 1}
    {year, month, min(day, :calendar.last_day_of_the_month(year, month))}
  end

  def adjust(date, holidays), do: date |> to_days() |> nearest(MapSet.new(holidays, &to_days/1))

  defp nearest(days, holidays) do
    later = Enum.find(Stream.iterate(days, &(&1 + 1)), &working?(&1, holidays))

    if month(later) == month(days),
      do: to_date(later),
      else: to_date(Enum.find(Stream.iterate(days, &(&1 - 1)), &working?(&1, holidays)))
  end

  # day 0 of the Gregorian calendar was a Saturday
  defp working?(days, holidays), do: rem(days, 7) not in [0, 1] and days not in holidays

  defp month(days), do: days |> to_date() |> Tuple.delete_at(2)
  defp to_days(date), do: :calendar.date_to_gregorian_days(date)
  defp to_date(days), do: :calendar.gregorian_days_to_date(days)

  def schedule(_first, _every, 0, _holidays), do: []

  def schedule(first, every, count, holidays) do
    for k <- 0..(count - 1), do: first |> add_months(k * every) |> adjust(holidays)
  end
end
