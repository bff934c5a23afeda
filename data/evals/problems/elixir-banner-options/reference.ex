defmodule Banner do
  @defaults [width: 20, align: :left, fill: " "]

  def options(given) do
    Enum.reduce_while(given, {:ok, Map.new(@defaults)}, fn {key, value}, {:ok, known} ->
      case take(known, key, value) do
        {:ok, known} -> {:cont, {:ok, known}}
        {:error, reason} -> {:halt, {:error, reason}}
      end
    end)
  end

  def make(text, given) do
    with {:ok, %{width: width, align: align, fill: fill}} <- options(given) do
      room = max(width - String.length(text), 0)
      left = left(align, room)
      {:ok, String.duplicate(fill, left) <> text <> String.duplicate(fill, room - left)}
    end
  end

  defp take(known, key, value) do
    cond do
      not Keyword.has_key?(@defaults, key) -> {:error, {:unknown, key}}
      valid?(key, value) -> {:ok, Map.put(known, key, value)}
      true -> {:error, {:bad, key}}
    end
  end

  defp valid?(:width, value), do: is_integer(value) and value >= 1
  defp valid?(:align, value), do: value in [:left, :right, :center]
  defp valid?(:fill, value), do: is_binary(value) and String.length(value) == 1

  defp left(:left, _room), do: 0
  defp left(:right, room), do: room
  defp left(:center, room), do: div(room, 2)
end
