defmodule Dues do
  def add_months({year, month, day}, n) do
    months = year * 12 + month - 1 + n
    {year, month} = {Integer.floor_div(months, 12), Integer.mod(months, 12) + 1}
    {year, month, min(day, days_in(year, month))}
  end

  def adjust({_year, month, _day} = date, holidays) do
    case seek(date, 1, holidays) do
      {_year, ^month, _day} = later -> later
      _next_month -> seek(date, -1, holidays)
    end
  end

  def schedule(_first, _every, 0, _holidays), do: []

  def schedule(first, every, count, holidays) do
    for step <- 0..(count - 1) do
      first |> add_months(step * every) |> adjust(holidays)
    end
  end

  defp seek(date, step, holidays) do
    if working?(date, holidays), do: date, else: seek(shift(date, step), step, holidays)
  end

  defp working?(date, holidays) do
    :calendar.day_of_the_week(date) < 6 and date not in holidays
  end

  defp shift(date, days) do
    :calendar.gregorian_days_to_date(:calendar.date_to_gregorian_days(date) + days)
  end

  defp days_in(year, 2), do: if(leap?(year), do: 29, else: 28)
  defp days_in(_year, month) when month in [4, 6, 9, 11], do: 30
  defp days_in(_year, _month), do: 31

  defp leap?(year), do: rem(year, 4) == 0 and (rem(year, 100) != 0 or rem(year, 400) == 0)
end
