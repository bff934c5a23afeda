defmodule Layers.Layer do
  use GenServer

  def start_link({name, log}), do: GenServer.start_link(__MODULE__, {name, log})

  @impl true
  def init({name, log}) do
    Process.flag(:trap_exit, true)
    send(log, {:up, name, System.unique_integer([:monotonic])})
    {:ok, {name, log}}
  end

  @impl true
  def terminate(_reason, {name, log}) do
    send(log, {:down, name, System.unique_integer([:monotonic])})
  end
end

defmodule Layers do
  use Supervisor

  def start_link(names, log), do: Supervisor.start_link(__MODULE__, {names, log})
  def stop(pid), do: Supervisor.stop(pid)

  def add(pid, name) do
    case Supervisor.start_child(pid, spec(name, log_of(pid))) do
      {:ok, _layer} -> :ok
      {:error, {:already_started, _layer}} -> {:error, :there}
    end
  end

  def drop(pid, name) do
    case Supervisor.terminate_child(pid, {:layer, name}) do
      :ok -> Supervisor.delete_child(pid, {:layer, name})
      {:error, :not_found} -> {:error, :unknown}
    end
  end

  def names(pid) do
    names = for {{:layer, name}, _pid, _type, _mods} <- Supervisor.which_children(pid), do: name
    Enum.reverse(names)
  end

  @impl true
  def init({names, log}) do
    keeper = %{id: :log, start: {Agent, :start_link, [fn -> log end]}}
    children = [keeper | Enum.map(names, &spec(&1, log))]
    Supervisor.init(children, strategy: :one_for_one)
  end

  defp spec(name, log) do
    Supervisor.child_spec({Layers.Layer, {name, log}}, id: {:layer, name})
  end

  defp log_of(pid) do
    {:log, keeper, _type, _mods} = pid |> Supervisor.which_children() |> List.keyfind(:log, 0)

    Agent.get(keeper, & &1)
  end
end
