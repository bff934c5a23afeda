defmodule Desk.Vault do
  use GenServer
  def start_link(number), do: GenServer.start_link(__MODULE__, number)
  @impl true
  def init(number), do: {:ok, number}
  @impl true
  def handle_call(:value, _from, number), do: {:reply, number, number}
  def handle_call({:store, number}, _from, _old), do: {:reply, :ok, number}
end

defmodule Desk.Clerk do
  use GenServer
  def start_link(_), do: GenServer.start_link(__MODULE__, nil)
  @impl true
  def init(nil), do: {:ok, nil}

  @impl true
  def handle_call({:work, vault, steps}, _from, nil) do
    number = Enum.reduce(steps, GenServer.call(vault, :value), &step/2)
    :ok = GenServer.call(vault, {:store, number})
    {:reply, number, nil}
  end

  defp step({:add, n}, number), do: number + n
  defp step({:divide, n}, number), do: div(number, n)
  defp step({:fail, reason}, _number), do: exit(reason)
end

defmodule Desk do
  def start_link(number) do
    Supervisor.start_link([{Desk.Vault, number}, {Desk.Clerk, nil}],
      strategy: :one_for_one,
      max_restarts: 1000,
      max_seconds: 1
    )
  end

  def work(pid, steps) do
    clerk = clerk(pid)

    try do
      {:ok, GenServer.call(clerk, {:work, vault(pid), steps}, :infinity)}
    catch
      # somebody killed it before it got this work
      :exit, {:noproc, _} ->
        await_other(pid, clerk)
        work(pid, steps)

      :exit, _ ->
        await_other(pid, clerk)
        {:error, :crashed}
    end
  end

  defp await_other(pid, old) do
    if clerk(pid) == old, do: await_other(pid, old)
  end

  def value(pid), do: GenServer.call(vault(pid), :value)
  def clerk(pid), do: child(pid, Desk.Clerk)
  def vault(pid), do: child(pid, Desk.Vault)

  defp child(pid, module) do
    [child] = for {^module, child, _, _} <- Supervisor.which_children(pid), do: child
    child
  end
end
