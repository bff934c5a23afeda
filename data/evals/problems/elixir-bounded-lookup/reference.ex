defmodule Lookup do
  def all(keys, most, fun) do
    keys = Enum.uniq(keys)

    keys
    |> Task.async_stream(fun, max_concurrency: most, timeout: :infinity)
    |> Enum.map(fn {:ok, value} -> value end)
    |> then(&Enum.zip(keys, &1))
    |> Map.new()
  end
end
