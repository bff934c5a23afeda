defmodule Frames do
  def encode(type, payload), do: <<type, byte_size(payload)::16, payload::binary>>

  def decode(bytes), do: decode(bytes, [])

  defp decode(<<type, size::16, payload::binary-size(size), rest::binary>>, frames) do
    decode(rest, [{type, payload} | frames])
  end

  defp decode(rest, frames), do: {Enum.reverse(frames), rest}
end
