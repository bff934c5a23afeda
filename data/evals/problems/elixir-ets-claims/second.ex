defmodule Claims do
  def start_link do
    {:ok, keeper} = Agent.start_link(fn -> :ets.new(__MODULE__, [:ordered_set, :public]) end)
    {:ok, Agent.get(keeper, & &1)}
  end

  def claim(claims, name, owner) do
    if :ets.insert_new(claims, {name, owner}) do
      :ok
    else
      case owner(claims, name) do
        {:ok, ^owner} -> :ok
        {:ok, other} -> {:taken, other}
        # released meanwhile
        :error -> claim(claims, name, owner)
      end
    end
  end

  def release(claims, name, owner) do
    case :ets.select_delete(claims, [{{name, :"$1"}, is(owner), [true]}]) do
      1 -> :ok
      0 -> {:error, :not_owner}
    end
  end

  def owner(claims, name) do
    case :ets.lookup(claims, name) do
      [{_, owner}] -> {:ok, owner}
      [] -> :error
    end
  end

  def names(claims, owner), do: :ets.select(claims, [{{:"$2", :"$1"}, is(owner), [:"$2"]}])

  def release_all(claims, owner), do: :ets.select_delete(claims, [{{:_, :"$1"}, is(owner), [true]}])

  # a constant, since an owner may look like a pattern
  defp is(owner), do: [{:"=:=", :"$1", {:const, owner}}]
end
