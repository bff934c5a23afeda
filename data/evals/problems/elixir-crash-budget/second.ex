defmodule Plant do
  def start_link(lines, budget) do
    children =
      for {line, machines} <- lines do
        %{id: line, start: {__MODULE__, :line, [machines, budget]}, type: :supervisor}
      end

    Supervisor.start_link(children, strategy: :one_for_one, max_restarts: 1000, max_seconds: 1)
  end

  def line(machines, budget) do
    children =
      for machine <- machines do
        %{id: machine, start: {Agent, :start_link, [fn -> 0 end]}}
      end

    Supervisor.start_link(children,
      strategy: :one_for_one,
      max_restarts: budget,
      max_seconds: 3600
    )
  end

  def run(pid, line, machine) do
    {_, worker} = find(pid, line, machine)
    Agent.get_and_update(worker, &{&1 + 1, &1 + 1})
  end

  def count(pid, line, machine) do
    {_, worker} = find(pid, line, machine)
    Agent.get(worker, & &1)
  end

  def crash(pid, line, machine) do
    {_, worker} = before = find(pid, line, machine)
    Process.exit(worker, :kill)
    back(pid, line, machine, before)
  end

  defp back(pid, line, machine, {supervisor, worker} = before) do
    case find(pid, line, machine) do
      {^supervisor, new} when is_pid(new) and new != worker -> :machine
      {other, new} when is_pid(new) and other != supervisor -> :line
      _ -> back(pid, line, machine, before)
    end
  end

  defp find(pid, line, machine) do
    supervisor = child(pid, line)
    {supervisor, is_pid(supervisor) && child(supervisor, machine)}
  end

  defp child(supervisor, id) do
    Enum.find_value(Supervisor.which_children(supervisor), fn {name, pid, _, _} ->
      name == id && pid
    end)
  catch
    :exit, _ -> nil
  end
end
