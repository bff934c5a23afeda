defmodule Scheduler do
  use GenServer

  def start_link(parallel, attempts), do: GenServer.start_link(__MODULE__, {parallel, attempts})
  def submit(pid, job, priority), do: GenServer.call(pid, {:submit, job, priority})
  def take(pid), do: GenServer.call(pid, :take)
  def done(pid, job), do: GenServer.call(pid, {:done, job})
  def fail(pid, job), do: GenServer.call(pid, {:fail, job})
  def report(pid), do: GenServer.call(pid, :report)

  # `waiting`: {-priority, turn} to {job, times it was out}; `out`: job to {priority, times}
  @impl true
  def init({parallel, attempts}) do
    {:ok,
     %{
       parallel: parallel, attempts: attempts, turn: 0,
       waiting: :gb_trees.empty(), out: %{}, done: [], given_up: []
     }}
  end

  @impl true
  def handle_call({:submit, job, priority}, _from, state),
    do: {:reply, :ok, wait(state, job, priority, 0)}

  def handle_call(:take, _from, %{out: out, parallel: most} = state) when map_size(out) >= most,
    do: {:reply, :busy, state}

  def handle_call(:take, _from, state) do
    if :gb_trees.is_empty(state.waiting) do
      {:reply, :empty, state}
    else
      {{minus, _}, {job, times}, waiting} = :gb_trees.take_smallest(state.waiting)
      out = Map.put(state.out, job, {-minus, times + 1})
      {:reply, {:ok, job}, %{state | waiting: waiting, out: out}}
    end
  end

  def handle_call({what, job}, _from, state) do
    case Map.pop(state.out, job) do
      {nil, _} -> {:reply, {:error, :not_out}, state}
      {about, out} -> {:reply, :ok, back(what, job, about, %{state | out: out})}
    end
  end

  def handle_call(:report, _from, state) do
    waiting = for {job, _} <- :gb_trees.values(state.waiting), do: job
    lists = %{waiting: waiting, out: Map.keys(state.out), done: state.done, given_up: state.given_up}
    {:reply, Map.new(lists, fn {key, jobs} -> {key, Enum.sort(jobs)} end), state}
  end

  defp back(:done, job, _about, state), do: %{state | done: [job | state.done]}

  defp back(:fail, job, {_, times}, %{attempts: times} = state),
    do: %{state | given_up: [job | state.given_up]}

  defp back(:fail, job, {priority, times}, state), do: wait(state, job, priority, times)

  defp wait(state, job, priority, times) do
    waiting = :gb_trees.insert({-priority, state.turn}, {job, times}, state.waiting)
    %{state | waiting: waiting, turn: state.turn + 1}
  end
end
