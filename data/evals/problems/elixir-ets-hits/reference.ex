defmodule Hits do
  use GenServer

  def start_link do
    with {:ok, pid} <- GenServer.start_link(__MODULE__, []) do
      {:ok, GenServer.call(pid, :table)}
    end
  end

  def hit(hits, page, n \\ 1), do: :ets.update_counter(hits, page, n, {page, 0})

  def count(hits, page) do
    case :ets.lookup(hits, page) do
      [{^page, count}] -> count
      [] -> 0
    end
  end

  def top(hits, n) do
    hits |> :ets.tab2list() |> Enum.sort_by(fn {page, count} -> {-count, page} end) |> Enum.take(n)
  end

  @impl true
  def init([]), do: {:ok, :ets.new(:hits, [:set, :public, write_concurrency: true])}

  @impl true
  def handle_call(:table, _from, table), do: {:reply, table, table}
end
