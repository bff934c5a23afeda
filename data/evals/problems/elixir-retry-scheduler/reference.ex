defmodule Scheduler do
  use GenServer

  def start_link(parallel, attempts), do: GenServer.start_link(__MODULE__, {parallel, attempts})
  def submit(pid, job, priority), do: GenServer.call(pid, {:submit, job, priority})
  def take(pid), do: GenServer.call(pid, :take)
  def done(pid, job), do: GenServer.call(pid, {:done, job})
  def fail(pid, job), do: GenServer.call(pid, {:fail, job})
  def report(pid), do: GenServer.call(pid, :report)

  @impl true
  def init({parallel, attempts}) do
    {:ok, %{parallel: parallel, attempts: attempts, waiting: [], out: %{}, done: [], given_up: []}}
  end

  @impl true
  def handle_call({:submit, job, priority}, _from, state) do
    {:reply, :ok, wait(state, {job, priority, 0})}
  end

  def handle_call(:take, _from, state) when map_size(state.out) >= state.parallel do
    {:reply, :busy, state}
  end

  def handle_call(:take, _from, %{waiting: []} = state), do: {:reply, :empty, state}

  def handle_call(:take, _from, state) do
    {job, priority, tries} = Enum.max_by(state.waiting, &elem(&1, 1))
    waiting = List.keydelete(state.waiting, job, 0)
    out = Map.put(state.out, job, {priority, tries + 1})
    {:reply, {:ok, job}, %{state | waiting: waiting, out: out}}
  end

  def handle_call(:report, _from, state) do
    waiting = for {job, _priority, _tries} <- state.waiting, do: job
    lists = %{waiting: waiting, out: Map.keys(state.out), done: state.done, given_up: state.given_up}
    {:reply, Map.new(lists, fn {name, jobs} -> {name, Enum.sort(jobs)} end), state}
  end

  def handle_call({what, job}, _from, state) do
    case Map.pop(state.out, job) do
      {nil, _out} -> {:reply, {:error, :not_out}, state}
      {held, out} -> {:reply, :ok, ended(what, job, held, %{state | out: out})}
    end
  end

  defp ended(:done, job, _held, state), do: %{state | done: [job | state.done]}

  defp ended(:fail, job, {_priority, tries}, %{attempts: tries} = state) do
    %{state | given_up: [job | state.given_up]}
  end

  defp ended(:fail, job, {priority, tries}, state), do: wait(state, {job, priority, tries})

  defp wait(state, entry), do: %{state | waiting: state.waiting ++ [entry]}
end
