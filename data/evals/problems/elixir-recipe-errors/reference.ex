defmodule Recipe do
  @units %{"g" => :g, "ml" => :ml, "pcs" => :pcs}

  def parse(text) do
    text
    |> String.split("\n")
    |> Enum.map(&String.trim(&1, " "))
    |> Enum.with_index(1)
    |> Enum.reject(fn {line, _number} -> line == "" end)
    |> Enum.reduce_while({:ok, []}, &add/2)
    |> case do
      {:ok, list} -> {:ok, Enum.reverse(list)}
      error -> error
    end
  end

  def parse!(text) do
    case parse(text) do
      {:ok, list} -> list
      {:error, {line, reason}} -> raise ArgumentError, "line #{line}: #{describe(reason)}"
    end
  end

  def try_all(funs), do: Enum.map(funs, &attempt/1)

  defp attempt(fun) do
    {:ok, fun.()}
  rescue
    error in ArgumentError -> {:error, error.message}
  end

  defp add({line, number}, {:ok, list}) do
    case ingredient(line) do
      {:ok, one} -> {:cont, {:ok, [one | list]}}
      {:error, reason} -> {:halt, {:error, {number, reason}}}
    end
  end

  defp ingredient(line) do
    with {:ok, amount, unit, name} <- parts(line),
         {:ok, amount} <- amount(amount),
         {:ok, unit} <- unit(unit) do
      {:ok, {amount, unit, name}}
    end
  end

  defp parts(line) do
    case String.split(line, " ", parts: 3, trim: true) do
      [amount, unit, name] -> {:ok, amount, unit, String.trim_leading(name, " ")}
      _ -> {:error, :incomplete}
    end
  end

  defp amount("+" <> _digits = part), do: {:error, {:bad_amount, part}}

  defp amount(part) do
    case Integer.parse(part) do
      {amount, ""} when amount > 0 -> {:ok, amount}
      _ -> {:error, {:bad_amount, part}}
    end
  end

  defp unit(part) do
    with :error <- Map.fetch(@units, part), do: {:error, {:bad_unit, part}}
  end

  defp describe(:incomplete), do: "incomplete"
  defp describe({:bad_amount, part}), do: "bad amount #{part}"
  defp describe({:bad_unit, part}), do: "bad unit #{part}"
end
