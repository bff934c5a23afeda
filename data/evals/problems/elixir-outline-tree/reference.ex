defmodule Outline do
  def parse(text) do
    lines =
      text
      |> String.split("\n")
      |> Enum.with_index(1)
      |> Enum.reject(fn {line, _number} -> String.trim(line) == "" end)
      |> Enum.map(&level/1)

    with :ok <- check(lines, 0) do
      {outline, []} = nodes(lines, 0)
      {:ok, outline}
    end
  end

  def number(outline), do: number(outline, [])

  def depth([]), do: 0

  def depth(outline) do
    1 + (outline |> Enum.map(fn {_title, children} -> depth(children) end) |> Enum.max())
  end

  defp number(outline, path) do
    outline
    |> Enum.with_index(1)
    |> Enum.flat_map(fn {{title, children}, n} ->
      path = path ++ [n]
      line = Enum.join(path, ".") <> " " <> title
      [line | number(children, path)]
    end)
  end

  defp level({line, number}) do
    title = String.trim_leading(line, " ")
    spaces = byte_size(line) - byte_size(title)
    level = if rem(spaces, 2) == 0, do: div(spaces, 2), else: :odd
    {level, String.trim_trailing(title), number}
  end

  # an atom is greater than any number, so an odd line is too deep as well
  defp check([], _depth), do: :ok

  defp check([{level, _title, number} | _rest], depth) when level > depth,
    do: {:error, {:indent, number}}

  defp check([{level, _title, _number} | rest], _depth), do: check(rest, level + 1)

  defp nodes([{level, title, _number} | rest], level) do
    {children, rest} = nodes(rest, level + 1)
    {brothers, rest} = nodes(rest, level)
    {[{title, children} | brothers], rest}
  end

  defp nodes(rest, _level), do: {[], rest}
end
