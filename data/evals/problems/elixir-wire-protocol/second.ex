defprotocol Wire do
  @fallback_to_any true
  def encode(value)
end

defmodule Price do
  @enforce_keys [:cents, :currency]
  defstruct @enforce_keys

  def new(cents, currency), do: struct!(Price, cents: cents, currency: currency)
end

defimpl Wire, for: Price do
  def encode(price) do
    digits = price.cents |> Integer.digits() |> then(&(List.duplicate(0, max(3 - length(&1), 0)) ++ &1))
    {whole, cents} = Enum.split(digits, -2)
    IO.iodata_to_binary([Enum.map(whole, &to_string/1), ".", Enum.map(cents, &to_string/1), " ", price.currency])
  end
end

# one implementation looks at all the rest by guards
defimpl Wire, for: Any do
  def encode(value) when is_integer(value), do: "#{value}"
  def encode(value) when is_nil(value), do: "~"
  def encode(value) when is_boolean(value), do: if(value, do: "+", else: "-")
  def encode(value) when is_atom(value), do: "#{value}"
  def encode(value) when is_binary(value), do: ["'", value |> String.split("'") |> Enum.intersperse("''"), "'"] |> to_string()

  def encode([]), do: "[]"

  def encode([first | rest]) do
    for(one <- rest, into: "[" <> Wire.encode(first), do: "," <> Wire.encode(one)) <> "]"
  end

  def encode(%_{} = value), do: encode(Map.delete(value, :__struct__))

  def encode(%{} = value) do
    pairs = for {k, v} <- value, do: "#{Wire.encode(k)}=#{Wire.encode(v)}"
    "{#{pairs |> Enum.sort() |> Enum.join(",")}}"
  end

  def encode(_other), do: raise(ArgumentError)
end
