defmodule Quota do
  use GenServer

  def start_link(limit, period), do: GenServer.start_link(__MODULE__, {limit, period})
  def spend(pid, key, n, now), do: GenServer.call(pid, {:spend, key, n, now})
  def left(pid, key, now), do: GenServer.call(pid, {:left, key, now})
  def keys(pid, now), do: GenServer.call(pid, {:keys, now})

  @impl true
  def init({limit, period}), do: {:ok, %{limit: limit, period: period, spent: %{}}}

  @impl true
  def handle_call({:spend, key, n, now}, _from, %{limit: limit, spent: spent} = state) do
    uses = uses(state, key, now)

    case try_spend(uses, n, state) do
      :ok ->
        uses = uses ++ [{now, n}]
        {:reply, {:ok, limit - sum(uses)}, %{state | spent: Map.put(spent, key, uses)}}

      {:error, at} -> {:reply, {:error, at}, %{state | spent: Map.put(spent, key, uses)}}
    end
  end

  def handle_call({:left, key, now}, _from, state) do
    {:reply, state.limit - sum(uses(state, key, now)), state}
  end

  def handle_call({:keys, now}, _from, %{spent: spent, period: period} = state) do
    keys = for {key, uses} <- spent, current(uses, period, now) != [], do: key
    {:reply, Enum.sort(keys), state}
  end

  defp uses(%{spent: spent, period: period}, key, now) do
    spent |> Map.get(key, []) |> current(period, now)
  end

  defp current(uses, period, now), do: Enum.filter(uses, fn {at, _n} -> at + period > now end)

  defp try_spend(uses, n, %{limit: limit, period: period}) do
    used = sum(uses)

    cond do
      n > limit -> {:error, :never}
      used + n <= limit -> :ok
      true -> {:error, enough(uses, used + n - limit) + period}
    end
  end

  # the time of the use with which enough of the oldest has gone
  defp enough([{at, amount} | _rest], over) when amount >= over, do: at
  defp enough([{_at, amount} | rest], over), do: enough(rest, over - amount)

  defp sum(uses), do: uses |> Enum.map(&elem(&1, 1)) |> Enum.sum()
end
