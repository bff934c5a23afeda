defmodule Streaks do
  def longest(visits) do
    visits
    |> streaks()
    |> Enum.map(fn {name, runs} ->
      run = Enum.max_by(runs, fn run -> {length(run), hd(run)} end)
      {name, length(run), hd(run)}
    end)
    |> Enum.sort_by(fn {name, length, _first} -> {-length, name} end)
  end

  def current(visits, today) do
    visits
    |> Enum.filter(fn {_name, day} -> day <= today end)
    |> streaks()
    |> Enum.map(fn {name, runs} -> {name, List.last(runs)} end)
    |> Enum.filter(fn {_name, run} -> List.last(run) in [today - 1, today] end)
    |> Map.new(fn {name, run} -> {name, length(run)} end)
  end

  defp streaks(visits) do
    visits
    |> Enum.group_by(&elem(&1, 0), &elem(&1, 1))
    |> Enum.map(fn {name, days} -> {name, days |> Enum.sort() |> Enum.dedup() |> runs()} end)
  end

  defp runs(days) do
    days
    |> Enum.with_index()
    |> Enum.chunk_by(fn {day, index} -> day - index end)
    |> Enum.map(fn run -> Enum.map(run, &elem(&1, 0)) end)
  end
end
