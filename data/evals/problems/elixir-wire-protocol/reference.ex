defprotocol Wire do
  @fallback_to_any true
  def encode(value)
end

defmodule Price do
  defstruct [:cents, :currency]

  def new(cents, currency), do: %Price{cents: cents, currency: currency}

  defimpl Wire do
    def encode(%Price{cents: cents, currency: currency}) do
      rest = cents |> rem(100) |> Integer.to_string() |> String.pad_leading(2, "0")
      "#{div(cents, 100)}.#{rest} #{currency}"
    end
  end
end

defimpl Wire, for: Integer do
  def encode(number), do: Integer.to_string(number)
end

defimpl Wire, for: Atom do
  def encode(nil), do: "~"
  def encode(true), do: "+"
  def encode(false), do: "-"
  def encode(atom), do: Atom.to_string(atom)
end

defimpl Wire, for: BitString do
  def encode(text) when is_binary(text), do: "'" <> String.replace(text, "'", "''") <> "'"
  def encode(bits), do: Wire.Any.encode(bits)
end

defimpl Wire, for: List do
  def encode(list), do: "[" <> Enum.map_join(list, ",", &Wire.encode/1) <> "]"
end

defimpl Wire, for: Map do
  def encode(map) do
    pairs =
      map
      |> Enum.map(fn {key, value} -> Wire.encode(key) <> "=" <> Wire.encode(value) end)
      |> Enum.sort()

    "{" <> Enum.join(pairs, ",") <> "}"
  end
end

defimpl Wire, for: Any do
  def encode(%_{} = struct), do: struct |> Map.from_struct() |> Wire.encode()
  def encode(other), do: raise(ArgumentError, "no wire form: #{inspect(other)}")
end
