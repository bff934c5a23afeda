defmodule Brackets do
  @closes %{")" => "(", "]" => "[", "}" => "{"}

  def depth(text), do: text |> String.graphemes() |> walk(1, [], 0)

  defp walk([], _at, [], deepest), do: {:ok, deepest}
  defp walk([], _at, [{_kind, at} | _open], _deepest), do: {:error, at}

  defp walk([kind | rest], at, open, deepest) when kind in ["(", "[", "{"] do
    open = [{kind, at} | open]
    walk(rest, at + 1, open, max(deepest, length(open)))
  end

  defp walk([kind | rest], at, open, deepest) when is_map_key(@closes, kind) do
    wanted = @closes[kind]

    case open do
      [{^wanted, _at} | open] -> walk(rest, at + 1, open, deepest)
      _ -> {:error, at}
    end
  end

  defp walk([_other | rest], at, open, deepest), do: walk(rest, at + 1, open, deepest)
end
