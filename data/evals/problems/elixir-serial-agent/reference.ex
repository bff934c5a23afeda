defmodule Serials do
  use Agent

  def start_link(width), do: Agent.start_link(fn -> {width, %{}} end)

  def next(pid, series) do
    Agent.get_and_update(pid, fn {width, last} ->
      n = Map.get(last, series, 0) + 1
      {label(series, n, width), {width, Map.put(last, series, n)}}
    end)
  end

  def last(pid, series), do: Agent.get(pid, fn {_width, last} -> Map.get(last, series, 0) end)

  def skip_to(pid, series, n) do
    Agent.get_and_update(pid, fn {width, last} = state ->
      if n > Map.get(last, series, 0) do
        {:ok, {width, Map.put(last, series, n - 1)}}
      else
        {{:error, :used}, state}
      end
    end)
  end

  defp label(series, n, width) do
    "#{series}-" <> String.pad_leading(Integer.to_string(n), width, "0")
  end
end
