defmodule Shifts do
  def first(workers, day, count) do
    workers |> plan() |> Stream.drop((day - 1) * 2) |> Enum.take(count)
  end

  def on(workers, worker, days) do
    for {day, part, ^worker} <- workers |> plan() |> Enum.take(days * 2), do: {day, part}
  end

  defp plan(workers) do
    1
    |> Stream.iterate(&(&1 + 1))
    |> Stream.flat_map(&[{&1, :day}, {&1, :night}])
    |> Stream.zip_with(Stream.cycle(workers), fn {day, part}, worker -> {day, part, worker} end)
  end
end
