defmodule Outline do
  def parse(text) do
    text
    |> String.split("\n")
    |> Enum.with_index(1)
    |> Enum.filter(fn {line, _} -> line =~ ~r/[^ ]/ end)
    |> Enum.reduce_while({:ok, [], -1}, fn {line, n}, {:ok, stack, last} ->
      [spaces] = Regex.run(~r/\A */, line)
      size = byte_size(spaces)

      if rem(size, 2) == 1 or div(size, 2) > last + 1 do
        {:halt, {:error, {:indent, n}}}
      else
        {:cont, {:ok, [{div(size, 2), String.trim(line, " ")} | stack], div(size, 2)}}
      end
    end)
    |> case do
      {:ok, lines, _} -> {:ok, build(lines)}
      error -> error
    end
  end

  # from the last line to the first: the deeper ones that wait become children
  defp build(lines) do
    lines
    |> Enum.reduce([], fn {level, title}, waiting ->
      {children, rest} = Enum.split_while(waiting, fn {other, _} -> other > level end)
      [{level, {title, Enum.map(children, &elem(&1, 1))}} | rest]
    end)
    |> Enum.map(&elem(&1, 1))
  end

  def number(outline), do: number(outline, "")

  defp number(outline, before) do
    for {{title, children}, n} <- Enum.zip(outline, Stream.iterate(1, &(&1 + 1))),
        line <- ["#{before}#{n} #{title}" | number(children, "#{before}#{n}.")],
        do: line
  end

  def depth(outline), do: Enum.reduce(outline, 0, fn {_, children}, most -> max(most, depth(children) + 1) end)
end
