defmodule Memo do
  def start_link, do: Agent.start_link(fn -> %{} end)

  def get(pid, key, fun) do
    Agent.get_and_update(pid, fn seen ->
      seen = Map.put_new_lazy(seen, key, fun)
      {Map.fetch!(seen, key), seen}
    end)
  end

  def forget(pid, key), do: Agent.update(pid, &Map.delete(&1, key))
end
