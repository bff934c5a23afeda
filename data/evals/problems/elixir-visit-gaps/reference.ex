defmodule Visits do
  def group(clicks, gap) do
    Stream.chunk_while(clicks, nil, &step(&1, &2, gap), &last/1)
  end

  defp step({time, page}, nil, _gap), do: {:cont, begin(time, page)}

  defp step({time, page}, visit, gap) do
    if time - visit.last <= gap do
      {:cont, %{visit | last: time, pages: add(visit.pages, page)}}
    else
      {:cont, finish(visit), begin(time, page)}
    end
  end

  defp last(visit) do
    case visit do
      nil -> {:cont, nil}
      visit -> {:cont, finish(visit), nil}
    end
  end

  defp begin(time, page), do: %{first: time, last: time, pages: [page]}
  defp finish(visit), do: {visit.first, visit.last, Enum.reverse(visit.pages)}

  defp add([page | _rest] = pages, page), do: pages
  defp add(pages, page), do: [page | pages]
end
