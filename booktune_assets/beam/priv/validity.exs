# Says of many texts whether they parse, and of Erlang modules whether they compile. Runs no code of
# theirs. Runs inside the sandbox.
#
# /job/texts has a line for each text: its language and the text in base 64. The reply has a line for
# each, as soon as it is known: number, ok or error, line, compiles/refused/-, message in base 64.

defmodule Booktune.Validity do
  @moduledoc false
  @file_name '/tmp/text.erl'
  @macros_max 40

  def main do
    reply = Port.open({:fd, 0, String.to_integer(System.fetch_env!("BOOKTUNE_REPLY_FD"))}, [:out])

    for {line, number} <- Enum.with_index(File.stream!("/job/texts")) do
      [lang, data] = line |> String.trim_trailing("\n") |> String.split(" ", parts: 2)
      {ok, at, compiles, message} = judge(lang, Base.decode64!(data))
      said = message |> to_text() |> String.slice(0, 500) |> Base.encode64()
      Port.command(reply, "#{number} #{ok} #{at} #{compiles} #{said}\n")
    end

    System.halt(0)
  end

  # Atoms stay texts: a batch must not fill the atom table. The encoder makes the parser raise on
  # some wrong input, which then is wrong input.
  defp judge("elixir", text) do
    case Code.string_to_quoted(text, static_atoms_encoder: fn name, _meta -> {:ok, name} end) do
      {:ok, _quoted} -> {"ok", 0, "-", ""}
      {:error, {meta, message, token}} -> {"error", line_of(meta), "-", message |> join(token) |> plainly()}
    end
  rescue
    problem -> {"error", 0, "-", "syntax error (#{inspect(problem.__struct__)})"}
  end

  defp judge("erlang", text) do
    case forms(text, []) do
      {:ok, forms, lacks} ->
        if Enum.any?(forms, &match?({:attribute, _, :module, _}, &1)),
          do: compile(lacks),
          else: {"ok", 0, "-", lacking(lacks)}

      {:error, at, message} ->
        # expressions are a function's body, not a file
        if expressions?(text), do: {"ok", 0, "-", ""}, else: {"error", at, "-", message}
    end
  end

  # Forms by the preprocessor. A macro that the listing does not define is given a value, an include
  # that is not here is left out: both belong to what the book did not print.
  defp forms(text, lacks) do
    File.write!(@file_name, ended(text))
    macros = for {:macro, name} <- lacks, do: {name, :booktune_macro}
    {:ok, forms} = :epp.parse_file(@file_name, [{:macros, macros}, {:includes, []}])
    errors = for {:error, {at, module, why}} <- forms, do: {at, module, why}
    unknown = for {_, :epp, {:undefined, name, _}} <- errors, {:macro, name} not in lacks, do: {:macro, name}
    absent = for {_, :epp, {:include, _, path}} <- errors, do: {:include, path}
    rest = Enum.reject(errors, &match?({_, :epp, {what, _, _}} when what in [:undefined, :include], &1))

    cond do
      unknown != [] and length(lacks) < @macros_max -> forms(text, Enum.uniq(lacks ++ unknown))
      rest != [] -> refused(hd(rest))
      Enum.any?(forms, &form?/1) or absent != [] -> {:ok, forms, Enum.uniq(lacks ++ absent)}
      true -> {:error, 1, "no form"}
    end
  end

  defp form?({:attribute, _, :file, _}), do: false
  defp form?({:eof, _}), do: false
  defp form?({:error, _}), do: false
  defp form?(_form), do: true

  defp refused({at, module, why}), do: {:error, line_of(at), module.format_error(why)}

  defp compile([]) do
    case :compile.file(@file_name, [:strong_validation, :return_errors, :nowarn_export_all]) do
      {:error, [{_file, [{at, module, why} | _]} | _], _warnings} ->
        {"ok", line_of(at), "refused", module.format_error(why)}

      {:error, _errors, _warnings} ->
        {"ok", 0, "refused", "the compiler gives no reason"}

      _compiled ->
        {"ok", 0, "compiles", ""}
    end
  end

  defp compile(lacks), do: {"ok", 0, "-", lacking(lacks)}

  defp lacking([]), do: ""
  defp lacking(lacks), do: "not in the listing: " <> Enum.map_join(lacks, ", ", fn {_, name} -> to_text(name) end)

  defp ended(text) do
    if String.match?(text, ~r/\.\s*(%[^\n]*)?\s*\z/),
      do: text <> "\n",
      else: String.replace(text, ~r/[\s,;]+\z/, "") <> "\n.\n"
  end

  # Expressions up to each full stop, with macros as plain atoms.
  defp expressions?(text) do
    case text |> ended() |> String.to_charlist() |> :erl_scan.string() do
      {:ok, [_ | _] = tokens, _end} -> tokens |> plain() |> Enum.chunk_while([], &cut/2, &rest/1) |> Enum.all?(&parses?/1)
      _other -> false
    end
  end

  defp plain([{:"?", at}, {kind, _, _} | rest]) when kind in [:var, :atom], do: [{:atom, at, :macro} | plain(rest)]
  defp plain([token | rest]), do: [token | plain(rest)]
  defp plain([]), do: []

  defp cut({:dot, _} = dot, tokens), do: {:cont, Enum.reverse([dot | tokens]), []}
  defp cut(token, tokens), do: {:cont, [token | tokens]}
  defp rest([]), do: {:cont, []}
  defp rest(tokens), do: {:cont, Enum.reverse(tokens), []}

  defp parses?(tokens), do: match?({:ok, _}, :erl_parse.parse_exprs(tokens))

  defp line_of(meta) when is_list(meta), do: Keyword.get(meta, :line, 0)
  defp line_of({line, _column}) when is_integer(line), do: line
  defp line_of(line) when is_integer(line), do: line
  defp line_of(_none), do: 0

  # names that the encoder kept as texts are shown as such
  defp plainly(message), do: String.replace(message, ~r/<<"(.*?)">>/u, "'\\1'")

  defp join({before, later}, token), do: before <> to_text(token) <> later
  defp join(message, token), do: to_text(message) <> to_text(token)

  defp to_text(text) when is_binary(text), do: if(String.valid?(text), do: text, else: inspect(text))
  defp to_text(atom) when is_atom(atom), do: Atom.to_string(atom)

  defp to_text(chars) do
    case :unicode.characters_to_binary(chars) do
      text when is_binary(text) -> text
      _other -> inspect(chars)
    end
  rescue
    ArgumentError -> inspect(chars)
  end
end

Booktune.Validity.main()
