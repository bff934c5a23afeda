defmodule Claims do
  use GenServer

  def start_link do
    with {:ok, pid} <- GenServer.start_link(__MODULE__, []) do
      {:ok, GenServer.call(pid, :table)}
    end
  end

  def claim(table, name, owner) do
    if :ets.insert_new(table, {name, owner}), do: :ok, else: held(table, name, owner)
  end

  def release(table, name, owner) do
    case :ets.select_delete(table, [{{name, :"$2"}, [owned_by(owner)], [true]}]) do
      1 -> :ok
      0 -> {:error, :not_owner}
    end
  end

  def owner(table, name) do
    case :ets.lookup(table, name) do
      [{^name, owner}] -> {:ok, owner}
      [] -> :error
    end
  end

  def names(table, owner) do
    :ets.select(table, [{{:"$1", :"$2"}, [owned_by(owner)], [:"$1"]}]) |> Enum.sort()
  end

  def release_all(table, owner) do
    :ets.select_delete(table, [{{:_, :"$2"}, [owned_by(owner)], [true]}])
  end

  @impl true
  def init([]), do: {:ok, :ets.new(:claims, [:public, read_concurrency: true])}

  @impl true
  def handle_call(:table, _from, table), do: {:reply, table, table}

  # the holder may have gone between the two looks
  defp held(table, name, owner) do
    case owner(table, name) do
      {:ok, ^owner} -> :ok
      {:ok, other} -> {:taken, other}
      :error -> claim(table, name, owner)
    end
  end

  defp owned_by(owner), do: {:"=:=", :"$2", {:const, owner}}
end
