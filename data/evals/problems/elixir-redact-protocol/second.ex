defprotocol Redact do
  @fallback_to_any true
  def show(term)
end

defimpl Redact, for: [Integer, Float, Atom] do
  def show(term), do: inspect(term)
end

defimpl Redact, for: BitString do
  def show(bits) do
    if is_binary(bits) and String.valid?(bits),
      do: bits |> String.graphemes() |> masked(),
      else: "<<#{bit_size(bits)} bits>>"
  end

  defp masked([first, _, _ | [_ | _] = others]), do: first <> "***" <> List.last(others)
  defp masked(_short), do: "***"
end

defimpl Redact, for: List do
  def show(list), do: "[#{Enum.map_join(list, ", ", &Redact.show/1)}]"
end

defimpl Redact, for: Tuple do
  def show(tuple), do: "{#{tuple |> Tuple.to_list() |> Enum.map_join(", ", &Redact.show/1)}}"
end

defimpl Redact, for: Map do
  def show(map) do
    pairs = for key <- Enum.sort(Map.keys(map)), do: "#{name(key)}: #{value(key, map[key])}"
    "%{#{Enum.join(pairs, ", ")}}"
  end

  defp name(key) when is_atom(key) or is_binary(key), do: to_string(key)
  defp name(key), do: inspect(key)

  defp value(key, _) when key in [:password, :token, "password", "token"], do: "[hidden]"
  defp value(_key, value), do: Redact.show(value)
end

defimpl Redact, for: Any do
  defmacro __deriving__(module, _struct, options) do
    only = if is_list(options), do: Keyword.get(options, :only, []), else: []

    quote do
      defimpl Redact, for: unquote(module) do
        def show(struct) do
          fields =
            for field <- unquote(only) do
              "#{field}: #{Redact.show(Map.fetch!(struct, field))}"
            end

          "#{inspect(unquote(module))}(#{Enum.join(fields, ", ")})"
        end
      end
    end
  end

  def show(_term), do: "#hidden"
end

defmodule Login do
  @derive {Redact, only: [:user, :tries]}
  defstruct user: nil, password: nil, tries: 0

  def new(user, password), do: %Login{user: user, password: password}
  def failed(%Login{} = login), do: Map.update!(login, :tries, &(&1 + 1))
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
