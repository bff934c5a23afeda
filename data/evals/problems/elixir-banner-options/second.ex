defmodule Banner do
  @defaults %{width: 20, align: :left, fill: " "}

  def options(options), do: check(options, @defaults)

  defp check([], known), do: {:ok, known}

  defp check([{key, value} | others], known) when is_map_key(known, key) do
    if good?(key, value),
      do: check(others, %{known | key => value}),
      else: {:error, {:bad, key}}
  end

  defp check([{key, _} | _], _known), do: {:error, {:unknown, key}}

  defp good?(:width, value), do: is_integer(value) and value > 0
  defp good?(:align, value), do: value in [:left, :right, :center]
  defp good?(:fill, value), do: is_binary(value) and match?([_], String.graphemes(value))

  def make(text, options) do
    with {:ok, %{width: width, align: align, fill: fill}} <- options(options) do
      room = max(width - String.length(text), 0)

      left =
        case align do
          :left -> 0
          :right -> room
          :center -> div(room, 2)
        end

      {:ok, String.duplicate(fill, left) <> text <> String.duplicate(fill, room - left)}
    end
  end
end
