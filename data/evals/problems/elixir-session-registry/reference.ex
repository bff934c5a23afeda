defmodule Sessions do
  def start_link do
    name = :"sessions_#{System.unique_integer([:positive])}"
    {:ok, _pid} = Registry.start_link(keys: :unique, name: name)
    {:ok, name}
  end

  def open(sessions, user) do
    case Agent.start(fn -> %{} end, name: via(sessions, user)) do
      {:ok, _pid} -> :ok
      {:error, {:already_started, _pid}} -> {:error, :open}
    end
  end

  def put(sessions, user, key, value) do
    with {:ok, pid} <- find(sessions, user), do: Agent.update(pid, &Map.put(&1, key, value))
  end

  def get(sessions, user, key) do
    with {:ok, pid} <- find(sessions, user), do: Agent.get(pid, &Map.fetch(&1, key))
  end

  def close(sessions, user) do
    with {:ok, pid} <- find(sessions, user) do
      Agent.stop(pid)
      gone(sessions, user)
    end
  end

  def count(sessions), do: Registry.count(sessions)

  defp via(sessions, user), do: {:via, Registry, {sessions, user}}

  defp find(sessions, user) do
    case Registry.lookup(sessions, user) do
      [{pid, _value}] -> {:ok, pid}
      [] -> {:error, :closed}
    end
  end

  # the registry hears of the end a little later
  defp gone(sessions, user) do
    case find(sessions, user) do
      {:error, :closed} -> :ok
      {:ok, _pid} -> gone(sessions, user)
    end
  end
end
