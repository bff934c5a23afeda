defmodule Stages do
  def run(stages) do
    Enum.reduce_while(stages, {:ok, %{}}, fn stage, {:ok, values} ->
      results = stage |> Enum.map(&start(&1, values)) |> Enum.map(&wait/1)
      good = for {name, {:ok, value}} <- results, into: values, do: {name, value}

      case for {name, {:error, reason}} <- results, do: {name, reason} do
        [] -> {:cont, {:ok, good}}
        [{name, reason} | _] -> {:halt, {:error, name, reason, good}}
      end
    end)
  end

  defp start({name, fun}, values) do
    {pid, ref} = spawn_monitor(fn -> exit({:shutdown, {Stages, fun.(values)}}) end)
    {name, pid, ref}
  end

  defp wait({name, pid, ref}) do
    receive do
      {:DOWN, ^ref, :process, ^pid, {:shutdown, {Stages, result}}} -> {name, result}
      {:DOWN, ^ref, :process, ^pid, _} -> {name, {:error, :crashed}}
    end
  end
end
