defmodule Serials do
  # the agent's state is a function from a series to its last number
  def start_link(width), do: Agent.start_link(fn -> {width, fn _ -> 0 end} end)

  def next(pid, series) do
    Agent.get_and_update(pid, fn {width, last} ->
      n = last.(series) + 1
      digits = n |> Integer.to_charlist()
      zeros = List.duplicate(?0, max(width - length(digits), 0))
      {"#{series}-#{zeros}#{digits}", {width, set(last, series, n)}}
    end)
  end

  def last(pid, series), do: Agent.get(pid, fn {_, last} -> last.(series) end)

  def skip_to(pid, series, n) do
    Agent.get_and_update(pid, fn {width, last} = state ->
      if n > last.(series), do: {:ok, {width, set(last, series, n - 1)}}, else: {{:error, :used}, state}
    end)
  end

  defp set(last, series, n), do: fn other -> if other == series, do: n, else: last.(other) end
end
