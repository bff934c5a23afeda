defmodule Sessions do
  def start_link do
    name = :"sessions #{System.unique_integer([:positive])}"
    children = [{Registry, keys: :unique, name: name}, {Task.Supervisor, name: :"#{name} tasks"}]
    {:ok, _} = Supervisor.start_link(children, strategy: :one_for_all)
    {:ok, name}
  end

  def open(sessions, user) do
    caller = self()
    ref = make_ref()

    {:ok, pid} =
      Task.Supervisor.start_child(:"#{sessions} tasks", fn ->
        registered = Registry.register(sessions, user, nil)
        send(caller, {ref, registered})
        with {:ok, _} <- registered, do: hold(sessions, user, %{})
      end)

    monitor = Process.monitor(pid)

    receive do
      {^ref, registered} ->
        Process.demonitor(monitor, [:flush])
        with {:ok, _} <- registered, do: :ok, else: (_ -> {:error, :open})

      {:DOWN, ^monitor, _, _, reason} ->
        exit(reason)
    end
  end

  defp hold(sessions, user, values) do
    receive do
      {:put, from, ref, key, value} ->
        send(from, {ref, :ok})
        hold(sessions, user, Map.put(values, key, value))

      {:get, from, ref, key} ->
        send(from, {ref, Map.fetch(values, key)})
        hold(sessions, user, values)

      {:close, from, ref} ->
        Registry.unregister(sessions, user)
        send(from, {ref, :ok})
    end
  end

  def put(sessions, user, key, value), do: ask(sessions, user, &{:put, self(), &1, key, value})
  def get(sessions, user, key), do: ask(sessions, user, &{:get, self(), &1, key})
  def close(sessions, user), do: ask(sessions, user, &{:close, self(), &1})

  def count(sessions) do
    sessions
    |> Registry.select([{{:_, :"$1", :_}, [], [:"$1"]}])
    |> Enum.count(&Process.alive?/1)
  end

  defp ask(sessions, user, message) do
    case Registry.lookup(sessions, user) do
      [] ->
        {:error, :closed}

      [{pid, _}] ->
        ref = Process.monitor(pid)
        send(pid, message.(ref))

        receive do
          {^ref, answer} ->
            Process.demonitor(ref, [:flush])
            answer

          {:DOWN, ^ref, _, _, _} ->
            {:error, :closed}
        end
    end
  end
end
