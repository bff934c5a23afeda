defmodule Grove do
  use GenServer

  def plant(tree), do: GenServer.start(__MODULE__, tree)
  def pid_of(grove, name), do: GenServer.call(grove, {:pid_of, name})
  def alive(grove), do: GenServer.call(grove, :alive)
  def fell(grove, name), do: GenServer.call(grove, {:fell, name}, :infinity)
  def wither(grove, name), do: GenServer.call(grove, {:wither, name}, :infinity)

  # name => {pid, kind, names of its neighbours}, only of those that live
  @impl true
  def init(tree) do
    edges = edges(tree)
    grove = self()
    spawn(fn -> grow(tree, grove) end)

    {:ok,
     Map.new(kinds(tree), fn {name, kind} ->
       receive do
         {:grown, ^name, pid} ->
           near = for {a, b} <- edges, name in [a, b], do: if(a == name, do: b, else: a)
           Process.monitor(pid)
           {name, {pid, kind, near}}
       end
     end)}
  end

  defp kinds({name, kind, children}), do: [{name, kind} | Enum.flat_map(children, &kinds/1)]

  defp edges({name, _, children}),
    do: for({child, _, _} <- children, do: {name, child}) ++ Enum.flat_map(children, &edges/1)

  defp grow({name, kind, children}, grove) do
    if kind == :firewall, do: Process.flag(:trap_exit, true)
    for child <- children, do: spawn_link(fn -> grow(child, grove) end)
    send(grove, {:grown, name, self()})
    stand(grove)
  end

  defp stand(grove) do
    receive do
      {^grove, :wither} -> exit(:normal)
      _ -> stand(grove)
    end
  end

  @impl true
  def handle_call({:pid_of, name}, _from, living) do
    {:reply, if(living[name], do: elem(living[name], 0)), living}
  end

  def handle_call(:alive, _from, living), do: {:reply, Enum.sort(Map.keys(living)), living}

  def handle_call({what, name}, _from, living) when not is_map_key(living, name),
    do: {:reply, if(what in [:fell, :wither], do: :error), living}

  def handle_call({:wither, name}, _from, living) do
    send(elem(living[name], 0), {self(), :wither})
    {:reply, :ok, ended([name], living)}
  end

  def handle_call({:fell, name}, _from, living) do
    doomed = spread([name], MapSet.new([name]), living)
    Process.exit(elem(living[name], 0), :kill)
    {:reply, {:ok, Enum.sort(doomed)}, ended(doomed, living)}
  end

  # from neighbour to neighbour, as links have it
  defp spread([], doomed, _living), do: Enum.to_list(doomed)

  defp spread([name | others], doomed, living) do
    {_, _, near} = living[name]

    next =
      for one <- near, match?({_, :plain, _}, living[one]), one not in doomed, do: one

    spread(next ++ others, MapSet.union(doomed, MapSet.new(next)), living)
  end

  defp ended(names, living) do
    Enum.reduce(names, living, fn name, living ->
      {{pid, _, _}, living} = Map.pop!(living, name)

      receive do
        {:DOWN, _, :process, ^pid, _} -> living
      end
    end)
  end
end
