defmodule Line do
  use Supervisor

  @stages [:first, :second, :third]

  def start_link, do: Supervisor.start_link(__MODULE__, [])

  def push(pid, n) do
    for name <- @stages, do: Agent.update(child(pid, name), &[n | &1])
    :ok
  end

  def stage(pid, name), do: Agent.get(child(pid, name), & &1)

  def crash(pid, name) do
    stage = child(pid, name)
    ref = Process.monitor(stage)
    Process.exit(stage, :kill)

    receive do
      {:DOWN, ^ref, :process, _pid, _reason} -> await(pid, name, stage)
    end
  end

  def alive?(pid), do: Process.alive?(pid) and Enum.all?(@stages, &is_pid(child(pid, &1)))

  @impl true
  def init([]) do
    stages = for name <- @stages, do: %{id: name, start: {Agent, :start_link, [fn -> [] end]}}
    Supervisor.init(stages, strategy: :rest_for_one, max_restarts: 100, max_seconds: 1)
  end

  defp child(pid, name) do
    pid |> Supervisor.which_children() |> List.keyfind(name, 0) |> elem(1)
  end

  defp await(pid, name, old) do
    if child(pid, name) != old and alive?(pid), do: :ok, else: await(pid, name, old)
  end
end
