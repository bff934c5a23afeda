defmodule Jobs do
  def run(jobs, timeout) do
    {:ok, supervisor} = Task.Supervisor.start_link()

    results =
      jobs
      |> Enum.map(&Task.Supervisor.async_nolink(supervisor, fn -> outcome(&1) end))
      |> Task.yield_many(timeout)
      |> Enum.map(fn
        {_task, {:ok, result}} -> result
        {task, nil} -> task |> Task.shutdown(:brutal_kill) |> late()
      end)

    Supervisor.stop(supervisor)
    results
  end

  defp late({:ok, result}), do: result
  defp late(_), do: :timeout

  defp outcome(job) do
    {:ok, work(job)}
  rescue
    error in RuntimeError -> {:error, error.message}
  catch
    :exit, reason -> {:exit, reason}
  end

  defp work({:return, term}), do: term
  defp work({:raise, message}), do: raise(message)
  defp work({:exit, reason}), do: exit(reason)
  defp work(:hang), do: Process.sleep(:infinity)
  defp work(:pid), do: self()
end
