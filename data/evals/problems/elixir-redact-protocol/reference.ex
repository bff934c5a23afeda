defprotocol Redact do
  @fallback_to_any true
  def show(term)
end

defimpl Redact, for: [Integer, Float, Atom] do
  def show(term), do: inspect(term)
end

defimpl Redact, for: BitString do
  def show(text) when is_binary(text) do
    if String.valid?(text), do: masked(text), else: size(text)
  end

  def show(bits), do: size(bits)

  defp masked(text) do
    if String.length(text) > 3 do
      String.first(text) <> "***" <> String.last(text)
    else
      "***"
    end
  end

  defp size(bits), do: "<<#{bit_size(bits)} bits>>"
end

defimpl Redact, for: List do
  def show(list), do: "[" <> Enum.map_join(list, ", ", &Redact.show/1) <> "]"
end

defimpl Redact, for: Tuple do
  def show(tuple) do
    "{" <> (tuple |> Tuple.to_list() |> Enum.map_join(", ", &Redact.show/1)) <> "}"
  end
end

defimpl Redact, for: Map do
  @secret [:password, :token, "password", "token"]

  def show(map), do: "%{" <> (map |> Enum.sort() |> Enum.map_join(", ", &pair/1)) <> "}"

  defp pair({key, _value}) when key in @secret, do: "#{key}: [hidden]"
  defp pair({key, value}), do: name(key) <> ": " <> Redact.show(value)

  defp name(key) when is_atom(key) or is_binary(key), do: to_string(key)
  defp name(key), do: inspect(key)
end

defimpl Redact, for: Any do
  defmacro __deriving__(module, _struct, options) do
    only = Keyword.get(options, :only, [])

    quote do
      defimpl Redact, for: unquote(module) do
        def show(struct) do
          shown =
            Enum.map_join(unquote(only), ", ", fn field ->
              "#{field}: #{Redact.show(Map.fetch!(struct, field))}"
            end)

          "#{inspect(unquote(module))}(#{shown})"
        end
      end
    end
  end

  def show(_term), do: "#hidden"
end

defmodule Login do
  @derive {Redact, only: [:user, :tries]}
  defstruct [:user, :password, tries: 0]

  def new(user, password), do: %Login{user: user, password: password}
  def failed(%Login{tries: tries} = login), do: %{login | tries: tries + 1}
end

defmodule Parcel do
  @derive {Redact, only: [:weight, :to]}
  defstruct [:to, :weight, :contents]

  def new(to, weight, contents), do: %Parcel{to: to, weight: weight, contents: contents}
end

defmodule Stamp do
  @derive Redact
  defstruct [:id]

  def new(id), do: %Stamp{id: id}
end

defmodule Plain do
  defstruct [:id]

  def new(id), do: %Plain{id: id}
end
