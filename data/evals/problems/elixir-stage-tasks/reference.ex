defmodule Stages do
  def run(stages) do
    {:ok, pool} = Task.Supervisor.start_link()

    try do
      stages(stages, %{}, pool)
    after
      Supervisor.stop(pool)
    end
  end

  defp stages([], values, _pool), do: {:ok, values}

  defp stages([stage | rest], values, pool) do
    outcomes = outcomes(stage, values, pool)
    found = for {name, {:ok, value}} <- outcomes, into: %{}, do: {name, value}

    case Enum.find(outcomes, &match?({_, {:error, _}}, &1)) do
      {name, {:error, reason}} -> {:error, name, reason, Map.merge(values, found)}
      _ -> stages(rest, Map.merge(values, found), pool)
    end
  end

  defp outcomes(stage, values, pool) do
    stage
    |> Enum.map(fn {name, fun} -> {name, Task.Supervisor.async_nolink(pool, fn -> fun.(values) end)} end)
    |> Enum.map(fn {name, task} -> {name, outcome(Task.yield(task, :infinity))} end)
  end

  defp outcome({:ok, result}), do: result
  defp outcome({:exit, _reason}), do: {:error, :crashed}
end
