defmodule Barrier do
  use GenServer

  def start_link(n), do: GenServer.start_link(__MODULE__, n)
  def arrive(pid, name), do: GenServer.call(pid, {:arrive, name}, :infinity)
  def here(pid), do: GenServer.call(pid, :here)

  @impl true
  def init(n), do: {:ok, {n, 1, []}}

  @impl true
  def handle_call(:here, _from, {_n, _round, waiting} = state) do
    {:reply, names(waiting), state}
  end

  def handle_call({:arrive, name}, from, {n, round, waiting}) do
    cond do
      List.keymember?(waiting, name, 0) ->
        {:reply, {:error, :here}, {n, round, waiting}}

      length(waiting) + 1 == n ->
        all = [{name, from} | waiting]
        for {_name, caller} <- all, do: GenServer.reply(caller, {:go, round, names(all)})
        {:noreply, {n, round + 1, []}}

      true ->
        {:noreply, {n, round, [{name, from} | waiting]}}
    end
  end

  defp names(waiting), do: waiting |> Enum.map(&elem(&1, 0)) |> Enum.reverse()
end
