defmodule Brackets do
  @kinds %{")" => "(", "]" => "[", "}" => "{"}

  def depth(text) do
    text
    |> String.graphemes()
    |> Enum.with_index(1)
    |> Enum.filter(fn {char, _} -> char in ["(", ")", "[", "]", "{", "}"] end)
    |> Enum.reduce_while({[], 0}, fn
      {char, at}, {open, most} when is_map_key(@kinds, char) ->
        wanted = @kinds[char]

        case open do
          [{^wanted, _} | rest] -> {:cont, {rest, most}}
          _ -> {:halt, {:error, at}}
        end

      {char, at}, {open, most} ->
        {:cont, {[{char, at} | open], max(most, length(open) + 1)}}
    end)
    |> case do
      {:error, at} -> {:error, at}
      {[], most} -> {:ok, most}
      {[{_, at} | _], _} -> {:error, at}
    end
  end
end
