defmodule Seats do
  # in the order of the rows: {row, size, gaps}, where a gap is {first, last}, ascending
  def start_link(rows), do: Agent.start_link(fn -> for {row, n} <- rows, do: {row, n, [{1, n}]} end)

  def book(pid, count), do: Agent.get_and_update(pid, &take(&1, count))

  defp take(hall, count) do
    gaps = for {row, _, gaps} <- hall, {a, b} <- gaps, b - a + 1 >= count, do: {row, a, b}

    case Enum.sort_by(gaps, fn {_, a, b} -> b - a end) do
      [] ->
        {:full, hall}

      [{row, a, b} | _] ->
        rest = if b - a + 1 == count, do: [], else: [{a + count, b}]
        put = fn gaps -> Enum.flat_map(gaps, &if(&1 == {a, b}, do: rest, else: [&1])) end
        {{:ok, {row, Enum.to_list(a..(a + count - 1))}}, change(hall, row, put)}
    end
  end

  defp change(hall, row, fun) do
    for {name, size, gaps} <- hall, do: {name, size, if(name === row, do: fun.(gaps), else: gaps)}
  end

  def cancel(pid, row, seat), do: Agent.get_and_update(pid, &give_back(&1, row, seat))

  defp give_back(hall, row, seat) do
    case Enum.find(hall, fn {name, _, _} -> name === row end) do
      {_, size, gaps} when is_integer(seat) and seat >= 1 and seat <= size ->
        if Enum.any?(gaps, fn {a, b} -> seat >= a and seat <= b end),
          do: {{:error, :free}, hall},
          else: {:ok, change(hall, row, &join(Enum.sort([{seat, seat} | &1])))}

      _ ->
        {{:error, :unknown}, hall}
    end
  end

  defp join([{a, b}, {c, d} | gaps]) when b + 1 == c, do: join([{a, d} | gaps])
  defp join([gap | gaps]), do: [gap | join(gaps)]
  defp join([]), do: []

  def free(pid) do
    Agent.get(pid, fn hall ->
      Enum.sum(for {_, _, gaps} <- hall, {a, b} <- gaps, do: b - a + 1)
    end)
  end
end
