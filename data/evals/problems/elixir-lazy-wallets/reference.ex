defmodule Wallets.Wallet do
  use Agent, restart: :temporary

  def start_link(name), do: Agent.start_link(fn -> 0 end, name: name)
end

defmodule Wallets do
  def start_link do
    name = :"wallets_#{System.unique_integer([:positive])}"
    {:ok, _pid} = Registry.start_link(keys: :unique, name: name)
    {:ok, supervisor} = DynamicSupervisor.start_link(strategy: :one_for_one)
    {:ok, %{registry: name, supervisor: supervisor}}
  end

  def add(wallets, user, n) do
    wallets |> wallet(user) |> Agent.get_and_update(&{&1 + n, &1 + n})
  end

  def balance(wallets, user) do
    with {:ok, pid} <- pid(wallets, user), do: {:ok, Agent.get(pid, & &1)}
  end

  def pid(wallets, user) do
    case Registry.lookup(wallets.registry, user) do
      [{pid, _value}] -> {:ok, pid}
      [] -> :error
    end
  end

  def awake(wallets) do
    wallets.registry
    |> Registry.select([{{:"$1", :_, :_}, [], [:"$1"]}])
    |> Enum.sort()
  end

  defp wallet(wallets, user) do
    name = {:via, Registry, {wallets.registry, user}}

    case DynamicSupervisor.start_child(wallets.supervisor, {Wallets.Wallet, name}) do
      {:ok, pid} -> pid
      {:error, {:already_started, pid}} -> pid
    end
  end
end
