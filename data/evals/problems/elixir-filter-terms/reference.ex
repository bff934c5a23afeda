defmodule Filter do
  @comparisons [:eq, :lt, :gt]

  def rows(rows, filter) do
    with :ok <- check(filter), do: {:ok, Enum.filter(rows, &holds?(filter, &1))}
  end

  def check(true), do: :ok
  def check({:not, term}), do: check(term)
  def check({op, field, _value}) when op in @comparisons and is_atom(field), do: :ok
  def check({:in, field, values}) when is_atom(field) and is_list(values), do: :ok

  def check({op, terms}) when op in [:all, :any] and is_list(terms) do
    Enum.find_value(terms, :ok, fn term -> with :ok <- check(term), do: nil end)
  end

  def check(term), do: {:error, {:bad_term, term}}

  def fields(filter), do: filter |> found() |> Enum.uniq() |> Enum.sort()

  defp found(true), do: []
  defp found({:not, term}), do: found(term)
  defp found({_op, field, _value}), do: [field]
  defp found({_op, terms}), do: Enum.flat_map(terms, &found/1)

  defp holds?(true, _row), do: true
  defp holds?({:not, term}, row), do: not holds?(term, row)
  defp holds?({:all, terms}, row), do: Enum.all?(terms, &holds?(&1, row))
  defp holds?({:any, terms}, row), do: Enum.any?(terms, &holds?(&1, row))

  defp holds?({op, field, value}, row) do
    case Map.fetch(row, field) do
      {:ok, found} -> compare(op, found, value)
      :error -> false
    end
  end

  defp compare(:eq, one, other), do: one == other
  defp compare(:lt, one, other), do: one < other
  defp compare(:gt, one, other), do: one > other
  defp compare(:in, one, others), do: Enum.any?(others, &(&1 == one))
end
