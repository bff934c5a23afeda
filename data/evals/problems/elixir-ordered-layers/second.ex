defmodule Layers.Layer do
  use GenServer

  def start_link({name, log}), do: GenServer.start_link(__MODULE__, {name, log})

  @impl true
  def init(layer) do
    Process.flag(:trap_exit, true)
    tell(:up, layer)
    {:ok, layer}
  end

  @impl true
  def terminate(_reason, layer), do: tell(:down, layer)

  defp tell(what, {name, log}), do: send(log, {what, name, System.unique_integer([:monotonic])})
end

defmodule Layers do
  use Supervisor

  def start_link(names, log), do: Supervisor.start_link(__MODULE__, {names, log})

  # at the very bottom is the one that knows to whom layers tell
  @impl true
  def init({names, log}) do
    log_keeper = %{id: :"log keeper", start: {Agent, :start_link, [fn -> log end]}}
    Supervisor.init([log_keeper | Enum.map(names, &spec(&1, log))], strategy: :rest_for_one)
  end

  defp spec(name, log), do: Supervisor.child_spec({Layers.Layer, {name, log}}, id: {:layer, name})

  def stop(pid), do: Supervisor.stop(pid)

  def add(pid, name) do
    {_, log_keeper, _, _} = List.keyfind(Supervisor.which_children(pid), :"log keeper", 0)

    case Supervisor.start_child(pid, spec(name, Agent.get(log_keeper, & &1))) do
      {:ok, _} -> :ok
      {:error, {:already_started, _}} -> {:error, :there}
    end
  end

  def drop(pid, name) do
    with :ok <- Supervisor.terminate_child(pid, {:layer, name}),
         :ok <- Supervisor.delete_child(pid, {:layer, name}) do
      :ok
    else
      {:error, :not_found} -> {:error, :unknown}
    end
  end

  def names(pid) do
    for {{:layer, name}, _, _, _} <- Enum.reverse(Supervisor.which_children(pid)), do: name
  end
end
