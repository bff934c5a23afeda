# Lays out texts as the formatters of their languages do. Parses them, runs none of their code. Runs
# inside the sandbox.
#
# /job/texts has a line for each text: its language and the text in base 64. The reply has a line for
# each, as soon as it is known: number, ok or error, and the layout in base 64.
#
# Elixir: the formatter of Elixir with its defaults. Erlang: erl_scan, erl_parse and erl_pp, form by
# form, so comments are lost; a macro stands as an atom while it is parsed, and what only the
# preprocessor reads keeps its tokens, a blank between them.

defmodule Booktune.Format do
  @moduledoc false

  def main do
    reply = Port.open({:fd, 0, String.to_integer(System.fetch_env!("BOOKTUNE_REPLY_FD"))}, [:out])

    for {line, number} <- Enum.with_index(File.stream!("/job/texts")) do
      [lang, data] = line |> String.trim_trailing("\n") |> String.split(" ", parts: 2)
      {ok, text} = laid_out(lang, Base.decode64!(data))
      Port.command(reply, "#{number} #{ok} #{Base.encode64(text)}\n")
    end

    System.halt(0)
  end

  defp laid_out(lang, text) do
    {"ok", text |> format(lang) |> IO.iodata_to_binary()}
  rescue
    _problem -> {"error", ""}
  catch
    _kind, _problem -> {"error", ""}
  end

  defp format(text, "elixir"), do: Code.format_string!(text)

  defp format(text, "erlang") do
    {:ok, [_ | _] = tokens, _end} = text |> String.to_charlist() |> :erl_scan.string({1, 1}, [:text])
    chunks = Enum.chunk_while(tokens, [], &cut/2, &rest/1)

    case Enum.map(chunks, &form/1) do
      forms when forms != [] -> if Enum.all?(forms), do: Enum.intersperse(forms, "\n"), else: expressions(chunks)
    end
  end

  defp cut({:dot, _} = dot, tokens), do: {:cont, Enum.reverse([dot | tokens]), []}
  defp cut(token, tokens), do: {:cont, [token | tokens]}
  # a listing need not end with a full stop
  defp rest([]), do: {:cont, []}
  defp rest([last | _] = tokens), do: {:cont, Enum.reverse([{:dot, elem(last, 1)} | tokens]), []}

  @read_before [:define, :undef, :ifdef, :ifndef, :if, :elif, :else, :endif, :include, :include_lib, :error, :warning]

  defp form([{:-, _}, {kind, _, name} | _] = tokens) when kind == :atom and name in @read_before, do: bare(tokens)
  defp form([{:-, _}, {name, _} | _] = tokens) when name in [:if, :else], do: bare(tokens)

  defp form(tokens) do
    case :erl_parse.parse_form(plain(tokens)) do
      {:ok, form} -> form |> :erl_pp.form(encoding: :unicode) |> said()
      {:error, _reason} -> nil
    end
  end

  # expressions are a function's body, not a file
  defp expressions(chunks) do
    for tokens <- chunks do
      {:ok, parsed} = tokens |> plain() |> :erl_parse.parse_exprs()
      [parsed |> :erl_pp.exprs(encoding: :unicode) |> said(), ".\n"]
    end
  end

  defp bare(tokens), do: [tokens |> Enum.drop(-1) |> Enum.map_join(" ", &to_string(:erl_scan.text(&1))), ".\n"]

  defp plain([{:"?", at}, {kind, _, name} | rest]) when kind in [:var, :atom],
    do: [{:atom, at, String.to_atom("?#{name}")} | plain(rest)]

  defp plain([token | rest]), do: [token | plain(rest)]
  defp plain([]), do: []

  defp said(chars), do: chars |> :unicode.characters_to_binary() |> String.replace(~r/'(\?\w+)'/u, "\\1")
end

Booktune.Format.main()
