defmodule Sensor do
  def parse(line) do
    with {:ok, name, number} <- halves(line),
         {:ok, name} <- name(String.trim(name)),
         {:ok, number} <- number(String.trim(number)) do
      {:ok, {name, number}}
    end
  end

  def hottest(lines) do
    readings = for line <- lines, {:ok, reading} <- [parse(line)], do: reading

    case readings do
      [] -> :error
      _ -> {:ok, readings |> Enum.max_by(&elem(&1, 1)) |> elem(0)}
    end
  end

  defp halves(line) do
    case String.split(line, "=") do
      [name, number] -> {:ok, name, number}
      _ -> {:error, :no_reading}
    end
  end

  defp name(""), do: {:error, :no_name}
  defp name(name), do: {:ok, name}

  defp number(text) do
    case Float.parse(text) do
      {number, ""} -> {:ok, number}
      _ -> {:error, :no_number}
    end
  end
end
