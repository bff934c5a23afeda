defmodule Paged do
  def stream(fetch, done) do
    Stream.resource(
      fn -> {:first, 0} end,
      fn
        {:done, pages} -> {:halt, {:done, pages}}
        {:first, pages} -> page(fetch.(:start), pages)
        {{:next, token}, pages} -> page(fetch.(token), pages)
      end,
      fn {_token, pages} -> done.(pages) end
    )
    |> lazy()
  end

  defp page(page, pages) do
    case page do
      {items, nil} -> {items, {:done, pages + 1}}
      {items, token} -> {items, {{:next, token}, pages + 1}}
    end
  end

  defp lazy(stream), do: Stream.map(stream, & &1)
end
