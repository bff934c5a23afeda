defmodule Numbers do
  def sum_even(list) do
    list
    |> Enum.filter(&(rem(&1, 2) == 0))
    |> Enum.sum()
  end
end
