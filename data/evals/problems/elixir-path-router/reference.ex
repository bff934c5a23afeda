defmodule Router do
  def match(routes, path) do
    parts = parts(path)

    Enum.find_value(routes, :error, fn {pattern, name} ->
      with {:ok, params} <- walk(parts(pattern), parts, %{}), do: {:ok, name, params}
    end)
  end

  defp parts(path), do: String.split(path, "/", trim: true)

  defp walk([], [], params), do: {:ok, params}
  defp walk(["*" <> name], parts, params), do: {:ok, Map.put(params, name, parts)}

  defp walk([":" <> name | pattern], [part | parts], params) do
    case params do
      %{^name => ^part} -> walk(pattern, parts, params)
      %{^name => _other} -> nil
      _ -> walk(pattern, parts, Map.put(params, name, part))
    end
  end

  defp walk([same | pattern], [same | parts], params), do: walk(pattern, parts, params)
  defp walk(_pattern, _parts, _params), do: nil
end
