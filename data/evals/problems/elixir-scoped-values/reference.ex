defmodule Scoped do
  def get(key, default), do: Map.get(all(), key, default)

  def with_values(values, fun), do: inside(Map.merge(all(), values), fun)

  def wrap(fun) do
    values = all()
    fn -> inside(values, fun) end
  end

  defp all, do: Process.get(__MODULE__, %{})

  defp inside(values, fun) do
    old = all()
    Process.put(__MODULE__, values)

    try do
      fun.()
    after
      Process.put(__MODULE__, old)
    end
  end
end
