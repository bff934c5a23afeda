defmodule Booth do
  use GenServer

  def start_link([]), do: :ignore
  def start_link(choices), do: GenServer.start_link(__MODULE__, choices)
  def vote(pid, voter, choice), do: GenServer.call(pid, {:vote, voter, choice})
  def withdraw(pid, voter), do: GenServer.call(pid, {:withdraw, voter})
  def result(pid), do: GenServer.call(pid, :result)
  def close(pid), do: GenServer.call(pid, :close)

  # the choices in their order, each with those who voted for it
  @impl true
  def init(choices), do: {:ok, Enum.map(choices, &{&1, []})}

  @impl true
  def handle_call({:vote, voter, choice}, _from, booth) do
    case List.keymember?(booth, choice, 0) do
      true -> {:reply, :ok, booth |> without(voter) |> add(choice, voter)}
      false -> {:reply, {:error, :no_choice}, booth}
    end
  end

  def handle_call({:withdraw, voter}, _from, booth) do
    case without(booth, voter) do
      ^booth -> {:reply, {:error, :no_vote}, booth}
      fewer -> {:reply, :ok, fewer}
    end
  end

  def handle_call(:result, _from, booth), do: {:reply, tally(booth), booth}
  def handle_call(:close, _from, booth), do: {:stop, :normal, tally(booth), booth}

  defp without(booth, voter) do
    for {choice, voters} <- booth, do: {choice, Enum.reject(voters, &(&1 === voter))}
  end

  defp add(booth, choice, voter) do
    for {name, voters} <- booth, do: {name, if(name == choice, do: [voter | voters], else: voters)}
  end

  defp tally(booth) do
    counts = for {choice, voters} <- booth, do: {choice, length(voters)}
    Enum.sort(counts, fn {_, a}, {_, b} -> a >= b end)
  end
end
