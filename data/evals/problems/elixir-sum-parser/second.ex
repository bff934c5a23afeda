defmodule Sums do
  # two stacks, of values and of operators
  def eval(text) do
    with {:ok, tokens} <- tokens(text), do: run(tokens, [], [], :value)
  end

  defp tokens(text) do
    if text =~ ~r/\A[0-9+\-*() ]*\z/, do: {:ok, List.flatten(Regex.scan(~r/[0-9]+|[+\-*()]/, text))}, else: syntax()
  end

  defp syntax, do: {:error, :syntax}

  defp run(["(" | rest], values, ops, :value), do: run(rest, values, ["(" | ops], :value)

  defp run([token | rest], values, ops, :value) do
    case Integer.parse(token) do
      {n, ""} when token not in ["+", "-"] -> run(rest, [n | values], ops, :operator)
      _ -> syntax()
    end
  end

  defp run([], values, ops, :operator) do
    case reduce(values, ops, 0) do
      {[value], []} -> {:ok, value}
      _ -> syntax()
    end
  end

  defp run([")" | rest], values, ops, :operator) do
    case reduce(values, ops, 0) do
      {values, ["(" | ops]} -> run(rest, values, ops, :operator)
      _ -> syntax()
    end
  end

  defp run([op | rest], values, ops, :operator) when op in ["+", "-", "*"] do
    {values, ops} = reduce(values, ops, rank(op))
    run(rest, values, [op | ops], :value)
  end

  defp run(_, _, _, _), do: syntax()

  defp reduce([b, a | values], [op | ops], least) when op != "(" do
    if rank(op) >= least, do: reduce([apply_op(op, a, b) | values], ops, least), else: {[b, a | values], [op | ops]}
  end

  defp reduce(values, ops, _), do: {values, ops}

  defp rank("*"), do: 2
  defp rank(_), do: 1

  defp apply_op("+", a, b), do: a + b
  defp apply_op("-", a, b), do: a - b
  defp apply_op("*", a, b), do: a * b
end
