defmodule Wallets do
  def start_link do
    name = :"wallets #{System.unique_integer([:positive])}"
    {:ok, _} = Registry.start_link(keys: :unique, name: name)
    {:ok, keeper} = DynamicSupervisor.start_link(strategy: :one_for_one)
    {:ok, {name, keeper}}
  end

  def add({name, keeper} = wallets, user, n) do
    spec = %{
      id: user,
      restart: :temporary,
      start: {Agent, :start_link, [fn -> 0 end, [name: {:via, Registry, {name, user}}]]}
    }

    wallet =
      case DynamicSupervisor.start_child(keeper, spec) do
        {:ok, wallet} -> wallet
        {:error, {:already_started, wallet}} -> wallet
      end

    try do
      Agent.get_and_update(wallet, &{&1 + n, &1 + n})
    catch
      # it ended before it was asked
      :exit, {:noproc, _} -> add(wallets, user, n)
    end
  end

  def balance(wallets, user) do
    with {:ok, wallet} <- pid(wallets, user), do: {:ok, Agent.get(wallet, & &1)}
  catch
    :exit, {:noproc, _} -> :error
  end

  def pid({name, _}, user) do
    case Registry.lookup(name, user) do
      [{wallet, _}] -> {:ok, wallet}
      [] -> :error
    end
  end

  def awake({name, keeper}) do
    for {_, wallet, _, _} <- DynamicSupervisor.which_children(keeper),
        is_pid(wallet) and Process.alive?(wallet),
        user <- Registry.keys(name, wallet),
        uniq: true do
      user
    end
    |> Enum.sort()
  end
end
