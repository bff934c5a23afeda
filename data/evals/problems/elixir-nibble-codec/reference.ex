defmodule Nibbles do
  @chars Enum.zip('0123456789.-', 0..11)

  def pack(text), do: pack(text, <<>>)

  def unpack(binary), do: chars(binary, "")

  def sum(binary), do: Enum.sum(for <<digit::4 <- binary>>, digit < 10, do: digit)

  defp pack(<<>>, bits), do: {:ok, padded(bits)}

  for {char, value} <- @chars do
    defp pack(<<unquote(char), rest::binary>>, bits), do: pack(rest, <<bits::bits, unquote(value)::4>>)
    defp chars(<<unquote(value)::4, rest::bits>>, text), do: chars(rest, text <> <<unquote(char)>>)
  end

  defp pack(_text, _bits), do: :error

  defp chars(<<>>, text), do: {:ok, text}
  defp chars(<<15::4>>, text), do: {:ok, text}
  defp chars(_bits, _text), do: :error

  defp padded(bits) when rem(bit_size(bits), 8) == 4, do: <<bits::bits, 15::4>>
  defp padded(bits), do: bits
end
