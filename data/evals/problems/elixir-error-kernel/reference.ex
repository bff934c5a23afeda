defmodule Desk.Vault do
  use GenServer

  def start_link(number), do: GenServer.start_link(__MODULE__, number)

  @impl true
  def init(number), do: {:ok, number}

  @impl true
  def handle_call(:value, _from, number), do: {:reply, number, number}
  def handle_call({:put, number}, _from, _old), do: {:reply, :ok, number}
end

defmodule Desk.Clerk do
  use GenServer

  def start_link(_), do: GenServer.start_link(__MODULE__, nil)

  @impl true
  def init(nil), do: {:ok, nil}

  @impl true
  def handle_call({:work, vault, steps}, _from, nil) do
    number = Enum.reduce(steps, GenServer.call(vault, :value), &step/2)
    :ok = GenServer.call(vault, {:put, number})
    {:reply, {:ok, number}, nil}
  end

  defp step({:add, n}, number), do: number + n
  defp step({:divide, n}, number), do: div(number, n)
  defp step({:fail, reason}, _number), do: exit(reason)
end

defmodule Desk do
  use Supervisor

  def start_link(number), do: Supervisor.start_link(__MODULE__, number)

  def work(pid, steps) do
    clerk = clerk(pid)

    try do
      GenServer.call(clerk, {:work, vault(pid), steps}, :infinity)
    catch
      :exit, _reason ->
        await_successor(pid, clerk)
        {:error, :crashed}
    end
  end

  def value(pid), do: GenServer.call(vault(pid), :value)
  def clerk(pid), do: child(pid, Desk.Clerk)
  def vault(pid), do: child(pid, Desk.Vault)

  @impl true
  def init(number) do
    children = [{Desk.Vault, number}, {Desk.Clerk, nil}]
    Supervisor.init(children, strategy: :one_for_one, max_restarts: 1000, max_seconds: 1)
  end

  defp child(pid, id) do
    {_id, child, _type, _modules} = pid |> Supervisor.which_children() |> List.keyfind(id, 0)
    if is_pid(child), do: child, else: child(pid, id)
  end

  defp await_successor(pid, old) do
    if clerk(pid) == old, do: await_successor(pid, old), else: :ok
  end
end
