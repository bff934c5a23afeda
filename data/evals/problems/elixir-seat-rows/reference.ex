defmodule Seats do
  use Agent

  def start_link(rows), do: Agent.start_link(fn -> %{rows: rows, taken: MapSet.new()} end)

  def book(pid, count), do: Agent.get_and_update(pid, &do_book(&1, count))

  def cancel(pid, row, seat), do: Agent.get_and_update(pid, &do_cancel(&1, row, seat))

  def free(pid) do
    Agent.get(pid, fn %{rows: rows, taken: taken} ->
      Enum.sum(Enum.map(rows, &elem(&1, 1))) - MapSet.size(taken)
    end)
  end

  defp do_book(state, count) do
    state
    |> gaps()
    |> Enum.filter(fn {_row, gap} -> length(gap) >= count end)
    |> Enum.min_by(&length(elem(&1, 1)), fn -> nil end)
    |> case do
      nil ->
        {:full, state}

      {row, gap} ->
        seats = Enum.take(gap, count)
        taken = Enum.into(seats, state.taken, &{row, &1})
        {{:ok, {row, seats}}, %{state | taken: taken}}
    end
  end

  defp do_cancel(state, row, seat) do
    size = Enum.find_value(state.rows, 0, fn {name, size} -> if name == row, do: size end)

    cond do
      {row, seat} in state.taken ->
        {:ok, Map.replace!(state, :taken, MapSet.delete(state.taken, {row, seat}))}

      size > 0 and seat in 1..size ->
        {{:error, :free}, state}

      true ->
        {{:error, :unknown}, state}
    end
  end

  defp gaps(%{rows: rows, taken: taken}) do
    for {row, size} <- rows,
        run <- runs(Enum.reject(1..size, &({row, &1} in taken))) do
      {row, run}
    end
  end

  defp runs(seats) do
    seats
    |> Enum.with_index()
    |> Enum.chunk_by(fn {seat, index} -> seat - index end)
    |> Enum.map(fn run -> Enum.map(run, &elem(&1, 0)) end)
  end
end
