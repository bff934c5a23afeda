defmodule Hits do
  # the owner is a bare process that lives as long as whoever started it
  def start_link do
    parent = self()
    ref = make_ref()

    owner =
      spawn_link(fn ->
        send(parent, {ref, :ets.new(:hits, [:public, :ordered_set])})

        receive do
          :never -> :ok
        end
      end)

    receive do
      {^ref, table} -> {:ok, {owner, table}}
    end
  end

  def hit(hits, page), do: hit(hits, page, 1)
  def hit({_, table}, page, n), do: :ets.update_counter(table, page, n, {page, 0})

  def count({_, table}, page) do
    for({^page, n} <- :ets.lookup(table, page), do: n) |> Enum.sum()
  end

  def top({_, table}, n) do
    # the table is in the order of pages, and sorting keeps that among equals
    :ets.tab2list(table) |> Enum.sort_by(&elem(&1, 1), :desc) |> Enum.take(n)
  end
end
