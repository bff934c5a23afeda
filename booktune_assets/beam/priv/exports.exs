# Lists what the installed Elixir and OTP export. Runs inside the sandbox, loads no module of theirs.
#
# One line for each export: module, name, arity, kind (function or macro), since, deprecated. The
# fields stand between tabs; modules of Erlang begin with a colon, those of Elixir with a capital.

defmodule Booktune.Exports do
  @moduledoc false

  def main do
    reply = Port.open({:fd, 0, String.to_integer(System.fetch_env!("BOOKTUNE_REPLY_FD"))}, [:out])

    [:code.lib_dir(), Path.dirname(:code.lib_dir(:elixir))]
    |> Enum.uniq()
    |> Enum.flat_map(&Path.wildcard("#{&1}/*/ebin/*.beam"))
    |> Enum.uniq_by(&Path.basename/1)
    |> Enum.each(&Port.command(reply, lines(&1)))

    Port.command(reply, "end\n")
    System.halt(0)
  end

  defp lines(path) do
    path = String.to_charlist(path)

    case :beam_lib.chunks(path, [:exports]) do
      {:ok, {module, [exports: exports]}} ->
        said = said(path)
        for export <- exports, do: line(module, kind(export), said)

      _other ->
        []
    end
  end

  defp kind({name, arity}) do
    case Atom.to_string(name) do
      "MACRO-" <> name -> {:macro, name, arity - 1}
      name -> {:function, name, arity}
    end
  end

  defp line(module, {kind, name, arity}, said) do
    {since, deprecated} = Map.get(said, {kind, name, arity}, {"", ""})
    deprecated = if deprecated == "", do: obsolete(module, name, arity), else: deprecated
    fields = [name_of(module), name, "#{arity}", "#{kind}", since, deprecated]
    [fields |> Enum.map(&String.replace(&1, ~r/\s+/, " ")) |> Enum.join("\t"), "\n"]
  end

  # Since and deprecated, as the documentation of Elixir's modules says.
  defp said(path) do
    with {:ok, {_module, [{_chunk, data}]}} <- :beam_lib.chunks(path, ['Docs']),
         {:docs_v1, _, _, _, _, _, docs} <- :erlang.binary_to_term(data) do
      for {{kind, name, arity}, _, _, _, meta} <- docs, kind in [:function, :macro], into: %{} do
        {{kind, Atom.to_string(name), arity}, {text(meta[:since]), text(meta[:deprecated])}}
      end
    else
      _none -> %{}
    end
  end

  defp obsolete(module, name, arity) do
    case :otp_internal.obsolete(module, String.to_atom(name), arity) do
      {_what, text} -> text(text)
      {_what, text, _when} -> text(text)
      :no -> ""
    end
  end

  defp name_of(module) do
    case Atom.to_string(module) do
      "Elixir." <> name -> name
      name -> ":" <> name
    end
  end

  defp text(nil), do: ""
  defp text(text) when is_binary(text), do: text
  defp text({module, name, arity}), do: "use #{module}:#{name}/#{arity}"
  defp text(chars) when is_list(chars), do: List.to_string(chars)
  defp text(other), do: inspect(other)
end

Booktune.Exports.main()
