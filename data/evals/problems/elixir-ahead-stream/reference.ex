defmodule Ahead do
  def map(enumerable, most, fun) do
    enumerable
    |> Task.async_stream(&attempt(fun, &1),
      max_concurrency: most,
      ordered: true,
      timeout: :infinity
    )
    |> Stream.map(fn {:ok, result} -> result end)
  end

  defp attempt(fun, element) do
    {:ok, fun.(element)}
  rescue
    _error -> {:failed, element}
  catch
    :exit, _reason -> {:failed, element}
    :throw, _value -> {:failed, element}
  end
end
