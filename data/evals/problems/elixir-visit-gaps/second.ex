defmodule Visits do
  def group(clicks, gap) do
    clicks
    |> Stream.concat([:end])
    |> Stream.transform(nil, fn
      :end, nil -> {[], nil}
      :end, open -> {[closed(open)], nil}
      {time, page}, nil -> {[], {time, time, [page]}}
      {time, page}, {first, last, [top | _] = pages} when time - last <= gap ->
        {[], {first, time, if(page === top, do: pages, else: [page | pages])}}
      {time, page}, open -> {[closed(open)], {time, time, [page]}}
    end)
  end

  defp closed({first, last, pages}), do: {first, last, Enum.reverse(pages)}
end
