defmodule SecretHandshake do
  import Bitwise

  @signs [{1, "wink"}, {2, "double blink"}, {4, "close your eyes"}, {8, "jump"}]

  def commands(number) do
    said = for {bit, sign} <- @signs, (number &&& bit) != 0, do: sign
    if (number &&& 16) == 0, do: said, else: Enum.reverse(said)
  end
end
