defmodule Batches do
  def sums(numbers, size) do
    Stream.transform(
      numbers,
      fn -> {0, 0} end,
      fn
        n, {sum, count} when count + 1 == size -> {[sum + n], {0, 0}}
        n, {sum, count} -> {[], {sum + n, count + 1}}
      end,
      fn
        {_, 0} = acc -> {[], acc}
        {sum, _} = acc -> {[sum], acc}
      end,
      fn _ -> :ok end
    )
  end
end
