defmodule PackedTime do
  import Bitwise

  def pack({h, m, s}) when is_integer(h) and is_integer(m) and is_integer(s) do
    if h in 0..23 and m in 0..59 and s in 0..59 do
      number = h <<< 11 ||| m <<< 5 ||| s >>> 1
      {:ok, :binary.encode_unsigned(number + 0x10000) |> binary_part(1, 2)}
    else
      :error
    end
  end

  def pack(_), do: :error

  def unpack(binary) when is_binary(binary) and byte_size(binary) == 2 do
    number = :binary.decode_unsigned(binary)
    time = {number >>> 11, number >>> 5 &&& 63, (number &&& 31) * 2}
    if pack(time) == {:ok, binary}, do: {:ok, time}, else: :error
  end

  def unpack(_), do: :error
end
