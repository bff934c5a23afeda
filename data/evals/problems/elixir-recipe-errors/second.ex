defmodule Recipe do
  @units %{"g" => :g, "ml" => :ml, "pcs" => :pcs}

  def parse(text) do
    text
    |> String.split("\n")
    |> Enum.map(&String.trim(&1, " "))
    |> Enum.with_index(1)
    |> Enum.reject(&match?({"", _}, &1))
    |> ingredients([])
  end

  defp ingredients([], read), do: {:ok, Enum.reverse(read)}

  defp ingredients([{line, number} | others], read) do
    case ingredient(line) do
      {:ok, ingredient} -> ingredients(others, [ingredient | read])
      {:error, reason} -> {:error, {number, reason}}
    end
  end

  defp ingredient(line) do
    case Regex.run(~r/\A([^ ]+) +([^ ]+) +(.+)\z/s, line, capture: :all_but_first) do
      nil -> {:error, :incomplete}
      [amount, unit, name] -> ingredient(amount, unit, name)
    end
  end

  defp ingredient(amount, unit, name) do
    cond do
      not (amount =~ ~r/\A[0-9]*[1-9][0-9]*\z/) -> {:error, {:bad_amount, amount}}
      not is_map_key(@units, unit) -> {:error, {:bad_unit, unit}}
      true -> {:ok, {String.to_integer(amount), @units[unit], name}}
    end
  end

  def parse!(text) do
    case parse(text) do
      {:ok, list} -> list
      {:error, {line, reason}} -> raise ArgumentError, "line #{line}: #{words(reason)}"
    end
  end

  defp words(:incomplete), do: "incomplete"
  defp words({:bad_amount, part}), do: "bad amount #{part}"
  defp words({:bad_unit, part}), do: "bad unit #{part}"

  def try_all([]), do: []
  def try_all([fun | funs]), do: [attempt(fun) | try_all(funs)]

  defp attempt(fun) do
    {:ok, fun.()}
  rescue
    error in ArgumentError -> {:error, Exception.message(error)}
  end
end
