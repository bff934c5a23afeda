defmodule Plant.Line do
  use Supervisor

  def start_link(args), do: Supervisor.start_link(__MODULE__, args)

  @impl true
  def init({machines, budget}) do
    children =
      for machine <- machines do
        Supervisor.child_spec({Agent, fn -> 0 end}, id: {:machine, machine})
      end

    Supervisor.init(children, strategy: :one_for_one, max_restarts: budget, max_seconds: 3600)
  end
end

defmodule Plant do
  use Supervisor

  def start_link(lines, budget), do: Supervisor.start_link(__MODULE__, {lines, budget})

  def run(pid, line, machine) do
    Agent.get_and_update(machine(pid, line, machine), &{&1 + 1, &1 + 1})
  end

  def count(pid, line, machine), do: Agent.get(machine(pid, line, machine), & &1)

  def crash(pid, line, machine) do
    old_line = child(pid, {:line, line})
    old = child(old_line, {:machine, machine})
    Process.exit(old, :kill)
    await(pid, {line, old_line}, {machine, old})
  end

  @impl true
  def init({lines, budget}) do
    children =
      for {line, machines} <- lines do
        Supervisor.child_spec({Plant.Line, {machines, budget}}, id: {:line, line})
      end

    Supervisor.init(children, strategy: :one_for_one, max_restarts: 1000, max_seconds: 1)
  end

  defp machine(pid, line, machine) do
    pid |> child({:line, line}) |> child({:machine, machine})
  end

  defp child(pid, id) do
    {_id, child, _type, _modules} = pid |> Supervisor.which_children() |> List.keyfind(id, 0)
    child
  end

  # A line that is giving up answers no more, until the top has a new one.
  defp await(pid, {line, old_line}, {machine, old} = watched) do
    now = child(pid, {:line, line})

    case running(now, machine) do
      new when is_pid(new) and new != old -> if now == old_line, do: :machine, else: :line
      _ -> await(pid, {line, old_line}, watched)
    end
  end

  defp running(line, machine) do
    child(line, {:machine, machine})
  catch
    :exit, _reason -> nil
  end
end
