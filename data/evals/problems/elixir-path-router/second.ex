defmodule Router do
  def match(routes, path) do
    parts = parts(path)

    Enum.find_value(routes, :error, fn {pattern, name} ->
      pattern = parts(pattern)
      {fixed, star} = star(pattern)

      if fits?(length(fixed), length(parts), star) do
        {mine, left} = Enum.split(parts, length(fixed))
        pairs = Enum.zip(fixed, mine) ++ for(one <- star, do: {one, left})
        params(pairs, name)
      end
    end)
  end

  defp parts(path), do: path |> String.split("/") |> Enum.reject(&(&1 == ""))

  defp star(pattern) do
    case List.last(pattern) do
      "*" <> name -> {Enum.drop(pattern, -1), [":" <> name]}
      _ -> {pattern, []}
    end
  end

  defp fits?(n, m, []), do: n == m
  defp fits?(n, m, _), do: n <= m

  defp params(pairs, name) do
    {names, plain} = Enum.split_with(pairs, &match?({":" <> _, _}, &1))
    found = Enum.uniq(for {":" <> key, value} <- names, do: {key, value})

    if Enum.all?(plain, fn {a, b} -> a == b end) and length(Enum.uniq_by(found, &elem(&1, 0))) == length(found),
      do: {:ok, name, Map.new(found)}
  end
end
