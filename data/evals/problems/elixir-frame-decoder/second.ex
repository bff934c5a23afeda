defmodule Frames do
  def encode(type, payload), do: IO.iodata_to_binary([type, div(byte_size(payload), 256), rem(byte_size(payload), 256), payload])

  def decode(bytes), do: decode(bytes, [])

  defp decode(bytes, frames) when byte_size(bytes) < 3, do: {Enum.reverse(frames), bytes}

  defp decode(bytes, frames) do
    [type, high, low] = bytes |> binary_part(0, 3) |> :binary.bin_to_list()
    size = high * 256 + low

    if byte_size(bytes) >= 3 + size do
      rest = binary_part(bytes, 3 + size, byte_size(bytes) - 3 - size)
      decode(rest, [{type, binary_part(bytes, 3, size)} | frames])
    else
      {Enum.reverse(frames), bytes}
    end
  end
end
