defmodule Nibbles do
  @letters "0123456789.-"

  def pack(text) do
    values = for one <- String.codepoints(text), do: value(one)

    if Enum.all?(values) do
      {:ok, for([a | b] <- Enum.chunk_every(values, 2), into: "", do: <<a * 16 + List.first(b, 15)>>)}
    else
      :error
    end
  end

  defp value(one) do
    case :binary.match(@letters, one) do
      {at, 1} -> at
      :nomatch -> nil
    end
  end

  def unpack(binary) do
    values = values(binary)
    values = if List.last(values) == 15, do: Enum.drop(values, -1), else: values

    if Enum.all?(values, &(&1 < 12)),
      do: {:ok, Enum.map_join(values, &String.at(@letters, &1))},
      else: :error
  end

  def sum(binary), do: binary |> values() |> Enum.reject(&(&1 > 9)) |> Enum.sum()

  defp values(binary), do: binary |> :binary.bin_to_list() |> Enum.flat_map(&[div(&1, 16), rem(&1, 16)])
end
