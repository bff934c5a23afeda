defmodule Quota do
  use GenServer

  # a flat list of {key, until, amount}, newest first, thinned on every call
  def start_link(limit, period), do: GenServer.start_link(Quota, [limit, period])
  def spend(pid, key, n, now), do: GenServer.call(pid, {now, {:spend, key, n}})
  def left(pid, key, now), do: GenServer.call(pid, {now, {:left, key}})
  def keys(pid, now), do: GenServer.call(pid, {now, :keys})

  @impl GenServer
  def init([limit, period]), do: {:ok, {limit, period, []}}

  @impl GenServer
  def handle_call({now, question}, _from, {limit, period, all}) do
    live = Enum.reject(all, fn {_key, till, _amount} -> now >= till end)
    {reply, live} = answer(question, now, limit, period, live)
    {:reply, reply, {limit, period, live}}
  end

  defp answer(:keys, _, _, _, live), do: {live |> Enum.map(&elem(&1, 0)) |> Enum.uniq() |> Enum.sort(), live}
  defp answer({:left, key}, _, limit, _, live), do: {limit - spent(live, key), live}
  defp answer({:spend, _, n}, _, limit, _, live) when n > limit, do: {{:error, :never}, live}

  defp answer({:spend, key, n}, now, limit, period, live) do
    case limit - spent(live, key) - n do
      left when left >= 0 -> {{:ok, left}, [{key, now + period, n} | live]}
      _ -> {{:error, first_time(live, key, limit - n)}, live}
    end
  end

  # the first end of a use at which what is left of the others leaves room
  defp first_time(live, key, room) do
    ends = for {^key, till, _} <- live, do: till

    ends
    |> Enum.sort()
    |> Enum.find(fn time -> live |> Enum.filter(&(elem(&1, 1) > time)) |> spent(key) <= room end)
  end

  defp spent(live, key), do: Enum.sum(for {^key, _, amount} <- live, do: amount)
end
