defmodule Line do
  @stages [:first, :second, :third]

  def start_link do
    children = for name <- @stages, do: %{id: name, start: {Agent, :start_link, [fn -> [] end]}}
    Supervisor.start_link(children, strategy: :rest_for_one, max_restarts: 1000, max_seconds: 1)
  end

  def push(pid, n), do: Enum.each(pids(pid), &Agent.update(&1, fn list -> [n | list] end))

  def stage(pid, name), do: pid |> pid_of(name) |> Agent.get(& &1)

  def crash(pid, name) do
    fallen = Enum.drop(pids(pid), Enum.find_index(@stages, &(&1 == name)))
    Process.exit(hd(fallen), :kill)
    await(pid, fallen)
  end

  defp await(pid, fallen) do
    now = pids(pid)
    if Enum.all?(now, &is_pid/1) and now -- fallen == now, do: :ok, else: await(pid, fallen)
  end

  def alive?(pid) do
    Process.alive?(pid) and Enum.all?(pids(pid), &(is_pid(&1) and Process.alive?(&1)))
  catch
    :exit, _ -> false
  end

  defp pid_of(pid, name), do: Enum.at(pids(pid), Enum.find_index(@stages, &(&1 == name)))

  # in the order of the stages
  defp pids(pid) do
    children = Supervisor.which_children(pid)
    for name <- @stages, do: children |> List.keyfind!(name, 0) |> elem(1)
  end
end
