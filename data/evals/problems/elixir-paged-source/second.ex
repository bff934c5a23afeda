defmodule Paged do
  def stream(fetch, done) do
    Stream.transform(
      Stream.repeatedly(fn -> :page end),
      fn -> {[:start], 0} end,
      fn
        :page, {[], n} ->
          {:halt, {[], n}}

        :page, {[token], n} ->
          {items, next} = fetch.(token)
          {items, {Enum.reject([next], &is_nil/1), n + 1}}
      end,
      fn {_, n} -> done.(n) end
    )
  end
end
