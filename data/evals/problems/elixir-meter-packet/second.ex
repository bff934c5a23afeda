defmodule Packet do
  # in nibbles: lists of numbers from 0 to 15
  def encode(meter, readings) do
    bad = Enum.find(readings, &(not (is_integer(&1) and &1 >= -2048 and &1 <= 2047)))

    cond do
      not is_integer(meter) or meter < 0 or meter > 4095 -> {:error, :meter}
      length(readings) > 255 -> {:error, :count}
      Enum.any?(readings, &(not (is_integer(&1) and &1 in -2048..2047))) -> {:error, {:reading, bad}}
      true -> {:ok, packet(meter, readings)}
    end
  end

  defp packet(meter, readings) do
    count = length(readings)
    values = Enum.flat_map(readings, &nibbles(Integer.mod(&1, 4096), 3))
    filler = if rem(count, 2) == 1, do: [0], else: []
    bytes = bytes([3] ++ nibbles(meter, 3) ++ nibbles(count, 2) ++ values ++ filler)
    :binary.list_to_bin(bytes ++ [rem(Enum.sum(bytes), 256)])
  end

  defp nibbles(_n, 0), do: []
  defp nibbles(n, places), do: nibbles(div(n, 16), places - 1) ++ [rem(n, 16)]

  defp bytes(nibbles), do: for([high, low] <- Enum.chunk_every(nibbles, 2), do: high * 16 + low)

  def decode(binary) when byte_size(binary) < 4, do: {:error, :short}

  def decode(binary) do
    {body, [sum]} = binary |> :binary.bin_to_list() |> Enum.split(-1)
    [version | rest] = Enum.flat_map(body, &nibbles(&1, 2))

    cond do
      rem(Enum.sum(body), 256) != sum -> {:error, :checksum}
      version != 3 -> {:error, :version}
      true -> readings(Enum.split(rest, 5))
    end
  end

  defp readings({[m1, m2, m3, c1, c2], values}) do
    count = c1 * 16 + c2
    {values, filler} = Enum.split(values, count * 3)

    cond do
      length(values) != count * 3 or length(filler) != rem(count, 2) -> {:error, :length}
      filler not in [[], [0]] -> {:error, :padding}
      true -> {:ok, m1 * 256 + m2 * 16 + m3, for([a, b, c] <- Enum.chunk_every(values, 3), do: signed(a * 256 + b * 16 + c))}
    end
  end

  defp signed(n) when n > 2047, do: n - 4096
  defp signed(n), do: n
end
