defmodule Sensor do
  def parse(line) do
    with [left, right] <- String.split(line, "="),
         {:name, name} when name != "" <- {:name, String.trim(left)},
         [number] <- Regex.run(~r/\A-?\d+(?:\.\d+)?\z/, String.trim(right)) do
      {temperature, ""} = Float.parse(number)
      {:ok, {name, temperature}}
    else
      {:name, ""} -> {:error, :no_name}
      nil -> {:error, :no_number}
      _parts -> {:error, :no_reading}
    end
  end

  def hottest(lines) do
    lines
    |> Enum.map(&parse/1)
    |> Enum.reduce(:error, fn
      {:ok, {name, warm}}, :error -> {name, warm}
      {:ok, {name, warm}}, {_, most} when warm > most -> {name, warm}
      _, best -> best
    end)
    |> case do
      {name, _} -> {:ok, name}
      :error -> :error
    end
  end
end
