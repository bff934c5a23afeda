defmodule Packet do
  @version 3

  def encode(meter, readings) do
    cond do
      meter not in 0..4095 -> {:error, :meter}
      length(readings) > 255 -> {:error, :count}
      index = Enum.find_index(readings, &(not reading?(&1))) -> bad(readings, index)
      true -> {:ok, pack(meter, readings)}
    end
  end

  def decode(binary) when byte_size(binary) < 4, do: {:error, :short}

  def decode(binary) do
    body_size = byte_size(binary) - 1
    <<body::binary-size(body_size), sum>> = binary

    cond do
      checksum(body) != sum -> {:error, :checksum}
      not match?(<<@version::4, _::bits>>, body) -> {:error, :version}
      true -> unpack(body)
    end
  end

  defp reading?(value), do: is_integer(value) and value in -2048..2047
  defp bad(readings, index), do: {:error, {:reading, Enum.at(readings, index)}}

  defp pack(meter, readings) do
    packed = for value <- readings, into: <<>>, do: <<value::12>>
    pad = padding(length(readings))
    head = <<@version::4, meter::12, length(readings)>>
    body = <<head::binary, packed::bits, 0::size(pad)>>
    <<body::binary, checksum(body)>>
  end

  defp unpack(<<@version::4, meter::12, count, rest::bits>>) do
    size = count * 12
    pad = padding(count)

    case rest do
      <<packed::bits-size(size), 0::size(pad)>> ->
        {:ok, meter, for(<<value::signed-12 <- packed>>, do: value)}

      <<_::bits-size(size), _::size(pad)>> ->
        {:error, :padding}

      _ ->
        {:error, :length}
    end
  end

  defp padding(count), do: rem(count, 2) * 4
  defp checksum(body), do: body |> :binary.bin_to_list() |> Enum.sum() |> rem(256)
end
