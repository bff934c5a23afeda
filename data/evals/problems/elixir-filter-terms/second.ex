defmodule Filter do
  def rows(rows, filter) do
    with {:ok, holds?, _fields} <- read(filter), do: {:ok, Enum.filter(rows, holds?)}
  end

  def check(filter) do
    with {:ok, _holds?, _fields} <- read(filter), do: :ok
  end

  def fields(filter) do
    {:ok, _holds?, fields} = read(filter)
    fields |> Enum.uniq() |> Enum.sort()
  end

  # a filter becomes a function of a row, and the fields that it looks at
  defp read(filter) do
    {holds?, fields} = build(filter)
    {:ok, holds?, fields}
  catch
    {:bad, term} -> {:error, {:bad_term, term}}
  end

  defp build(true), do: {fn _ -> true end, []}
  defp build({:eq, field, value}) when is_atom(field), do: compare(field, &(&1 == value))
  defp build({:lt, field, value}) when is_atom(field), do: compare(field, &(&1 < value))
  defp build({:gt, field, value}) when is_atom(field), do: compare(field, &(&1 > value))

  defp build({:in, field, values}) when is_atom(field) and length(values) >= 0,
    do: compare(field, fn found -> Enum.any?(values, &(&1 == found)) end)

  defp build({:all, filters}) when length(filters) >= 0, do: several(filters, &Enum.all?/2)
  defp build({:any, filters}) when length(filters) >= 0, do: several(filters, &Enum.any?/2)

  defp build({:not, filter}) do
    {holds?, fields} = build(filter)
    {&(not holds?.(&1)), fields}
  end

  defp build(other), do: throw({:bad, other})

  defp compare(field, test) do
    {fn row -> Map.has_key?(row, field) and test.(Map.fetch!(row, field)) end, [field]}
  end

  defp several(filters, quantifier) do
    {tests, fields} = filters |> Enum.map(&build/1) |> Enum.unzip()
    {fn row -> quantifier.(tests, & &1.(row)) end, Enum.concat(fields)}
  end
end
