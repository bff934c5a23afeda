defmodule Booth do
  use GenServer

  def start_link(choices), do: GenServer.start_link(__MODULE__, choices)
  def vote(pid, voter, choice), do: GenServer.call(pid, {:vote, voter, choice})
  def withdraw(pid, voter), do: GenServer.call(pid, {:withdraw, voter})
  def result(pid), do: GenServer.call(pid, :result)
  def close(pid), do: GenServer.call(pid, :close)

  @impl true
  def init([]), do: :ignore
  def init(choices), do: {:ok, {choices, %{}}}

  @impl true
  def handle_call({:vote, voter, choice}, _from, {choices, votes} = state) do
    if choice in choices do
      {:reply, :ok, {choices, Map.put(votes, voter, choice)}}
    else
      {:reply, {:error, :no_choice}, state}
    end
  end

  def handle_call({:withdraw, voter}, _from, {choices, votes} = state) do
    case Map.pop(votes, voter) do
      {nil, _votes} -> {:reply, {:error, :no_vote}, state}
      {_choice, left} -> {:reply, :ok, {choices, left}}
    end
  end

  def handle_call(:result, _from, state), do: {:reply, tally(state), state}
  def handle_call(:close, _from, state), do: {:stop, :normal, tally(state), state}

  defp tally({choices, votes}) do
    counts = votes |> Map.values() |> Enum.frequencies()

    choices
    |> Enum.map(&{&1, Map.get(counts, &1, 0)})
    |> Enum.sort_by(fn {_choice, count} -> count end, :desc)
  end
end
