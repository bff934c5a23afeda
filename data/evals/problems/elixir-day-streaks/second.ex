defmodule Streaks do
  def longest(visits) do
    for {name, days} <- by_name(visits) do
      {length, first} = days |> streaks() |> Enum.max()
      {name, length, first}
    end
    |> Enum.sort_by(fn {name, length, _} -> {-length, name} end)
  end

  def current(visits, today) do
    past = Enum.filter(visits, fn {_, day} -> day <= today end)

    for {name, days} <- by_name(past),
        {length, first} = days |> streaks() |> Enum.max_by(&elem(&1, 1)),
        first + length >= today,
        into: %{},
        do: {name, length}
  end

  defp by_name(visits), do: visits |> Enum.uniq() |> Enum.group_by(&elem(&1, 0), &elem(&1, 1))

  # a streak begins on a day without one before it; {length, first}
  defp streaks(days) do
    set = MapSet.new(days)

    for first <- days, (first - 1) not in set do
      length = Stream.iterate(0, &(&1 + 1)) |> Enum.find(&((first + &1) not in set))
      {length, first}
    end
  end
end
