defmodule Numbers do
  def sum_even(list), do: add(list, 0)

  defp add([], sum), do: sum
  defp add([n | rest], sum) when rem(n, 2) == 0, do: add(rest, sum + n)
  defp add([_ | rest], sum), do: add(rest, sum)
end
