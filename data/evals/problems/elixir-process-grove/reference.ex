defmodule Grove do
  use GenServer

  def plant(tree), do: GenServer.start_link(__MODULE__, tree)

  def pid_of(grove, name), do: GenServer.call(grove, {:pid_of, name})
  def alive(grove), do: GenServer.call(grove, :alive)
  def fell(grove, name), do: GenServer.call(grove, {:fell, name})
  def wither(grove, name), do: GenServer.call(grove, {:wither, name})

  @impl true
  def init(tree) do
    grove = self()
    spawn(fn -> grow(tree, nil, grove) end)
    {:ok, Map.new(names(tree), &register/1)}
  end

  @impl true
  def handle_call({:pid_of, name}, _from, grove) do
    case grove do
      %{^name => %{pid: pid}} -> {:reply, pid, grove}
      _ -> {:reply, nil, grove}
    end
  end

  def handle_call(:alive, _from, grove), do: {:reply, Enum.sort(Map.keys(grove)), grove}

  def handle_call({_end, name}, _from, grove) when not is_map_key(grove, name) do
    {:reply, :error, grove}
  end

  def handle_call({:fell, name}, _from, grove) do
    fallen = spread(grove, [name])
    Process.exit(grove[name].pid, :kill)
    Enum.each(fallen, &await_end(grove[&1]))
    {:reply, {:ok, Enum.sort(fallen)}, Map.drop(grove, fallen)}
  end

  def handle_call({:wither, name}, _from, grove) do
    send(grove[name].pid, :wither)
    await_end(grove[name])
    {:reply, :ok, Map.delete(grove, name)}
  end

  defp names({name, _kind, trees}), do: [name | Enum.flat_map(trees, &names/1)]

  defp register(name) do
    receive do
      {:grown, ^name, kind, parent, pid} ->
        {name, %{kind: kind, parent: parent, pid: pid, monitor: Process.monitor(pid)}}
    end
  end

  defp grow({name, kind, trees}, parent, grove) do
    Process.flag(:trap_exit, kind == :firewall)
    for tree <- trees, do: spawn_link(fn -> grow(tree, name, grove) end)
    send(grove, {:grown, name, kind, parent, self()})
    stand()
  end

  defp stand do
    receive do
      :wither -> :ok
      {:EXIT, _pid, _reason} -> stand()
    end
  end

  defp spread(grove, fallen) do
    more =
      for {name, %{kind: :plain, parent: parent}} <- grove,
          name not in fallen,
          Enum.any?(fallen, fn one -> parent == one or name in children(grove, one) end) do
        name
      end

    case more do
      [] -> fallen
      _more -> spread(grove, Enum.uniq(fallen ++ more))
    end
  end

  defp children(_grove, nil), do: []
  defp children(grove, name), do: List.wrap(grove[name].parent)

  defp await_end(%{monitor: monitor}) do
    receive do
      {:DOWN, ^monitor, :process, _pid, _reason} -> :ok
    end
  end
end
