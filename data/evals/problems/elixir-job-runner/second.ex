defmodule Jobs do
  def run(jobs, timeout) do
    # in a process of its own, which traps exits; only its end reaches the caller
    {pid, ref} = spawn_monitor(fn -> exit({:results, results(jobs, timeout)}) end)

    receive do
      {:DOWN, ^ref, :process, ^pid, {:results, results}} -> results
    end
  end

  defp results(jobs, timeout) do
    Process.flag(:trap_exit, true)

    jobs
    |> Enum.map(&Task.async(fn -> outcome(&1) end))
    |> Task.yield_many(timeout)
    |> Enum.map(fn
      {_task, {:ok, result}} -> result
      {_task, {:exit, reason}} -> {:exit, reason}
      {task, nil} -> late(Task.shutdown(task, :brutal_kill))
    end)
  end

  defp late({:ok, result}), do: result
  defp late(_), do: :timeout

  defp outcome(job) do
    work(job)
  rescue
    error -> {:error, Exception.message(error)}
  catch
    :exit, reason -> {:exit, reason}
  end

  defp work({:return, term}), do: {:ok, term}
  defp work({:raise, message}), do: raise(message)
  defp work({:exit, reason}), do: exit(reason)
  defp work(:hang), do: Process.sleep(:infinity)
  defp work(:pid), do: {:ok, self()}
end
