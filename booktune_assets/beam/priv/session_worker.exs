# Where the code of a book runs: one process a section, as the evaluator of a shell is.
#
# The second part of the script that session.py puts together; see session.exs.

defmodule Booktune.Worker do
  @moduledoc false
  @heap_words 40_000_000

  def open(out) do
    work = fn ->
      Process.group_leader(self(), out)
      work()
    end

    :erlang.spawn_opt(work, max_heap_size: %{size: @heap_words, kill: true, error_logger: false})
  end

  defp work do
    receive do
      :empty_mailbox -> flush_mail()
      {:unlink, pid} -> Process.unlink(pid)
      {:eval, from, ref, step, binding, env} -> send(from, {ref, run(step, binding, env)})
    end

    work()
  end

  defp run(%{kind: "erlmod"} = step, binding, env), do: {binding, env} |> compile_erlang(step)

  defp run(%{kind: "erltest"} = step, binding, env) do
    with {"ok", module, _, _} = done <- compile_erlang({binding, env}, step) do
      case :eunit.test(String.to_atom(module)) do
        :ok -> done
        _ -> {"failed", module, "", {binding, env}}
      end
    end
  end

  defp run(step, binding, env) do
    evaluate(Code.string_to_quoted!(step.text, file: "iex", line: 1), step, binding, env)
  rescue
    problem -> {"unparsed", "", Exception.format_banner(:error, problem, __STACKTRACE__), nil}
  end

  defp evaluate(quoted, step, binding, env) do
    {value, binding, env} = Code.eval_quoted_with_env(quoted, binding, env)
    shown = if step.kind == "iex", do: show(value), else: ""

    if step.kind == "test" do
      %{total: total, failures: failures} = ExUnit.run()
      status = if failures == 0 and total > 0, do: "ok", else: "failed"
      {status, "#{total} tests, #{failures} failures", "", {binding, env}}
    else
      {"ok", shown, "", {binding, env}}
    end
  catch
    kind, reason ->
      stack = __STACKTRACE__
      {blamed, _} = Exception.blame(kind, reason, stack)
      banner = Exception.format_banner(kind, blamed, stack)
      {"error", "", banner <> exports(blamed) <> near(banner), nil}
  end

  def exports_named(text) do
    case Regex.run(~r/undefined function ([a-z]\w*):\w+\/\d+/, text) do
      [_, module] -> exports(%UndefinedFunctionError{module: String.to_atom(module)}) <> near(text)
      nil -> ""
    end
  end

  @lacking [
    ~r/(:?[\w.]+)\.([^\s\/]+)\/(\d+) is undefined \(module/,
    ~r/undefined function ([a-z]\w*):(\w+)\/(\d+)/,
    ~r/([A-Z][\w.]*)\.(__struct__)\/([01]) is undefined/,
    ~r/module ([A-Z][\w.]*) is not (?:loaded|available)/,
    ~r/could not load module ([A-Z][\w.]*)/
  ]

  # Modules that are written almost like one that is not there: `+` when they have what is called,
  # `-` when not, `?` when nobody can say; `u` when they can be used. Which of them is meant is not
  # decided here. The name that is not there comes first.
  def near(text) do
    found = @lacking |> Enum.flat_map(&Regex.scan(&1, text)) |> Enum.uniq() |> Enum.take(20)
    lacking = for [_, typed | call] <- found, name = whole(typed), absent?(name), do: {name, call}
    there = if lacking == [], do: [], else: for({one, _, _} <- :code.all_available(), do: to_string(one))
    told = for {name, call} <- lacking, words = told(name, call, there), words != "", do: words
    # of many calls the one that has a module which is near and has it is worth telling
    case Enum.find(told, List.first(told), &(&1 =~ "=+")) do
      nil -> ""
      words -> "\n\n[near] " <> words
    end
  end

  defp whole(typed) do
    typed = typed |> String.trim_leading("Elixir.") |> String.trim_trailing(".")
    if typed =~ ~r/^[A-Z]/, do: "Elixir." <> typed, else: String.trim_leading(typed, ":")
  end

  defp absent?(name), do: not Code.ensure_loaded?(String.to_atom(name))

  defp told(name, call, there) do
    case for(other <- there, close?(name, other), do: told_near(other, call)) do
      [] -> ""
      words -> Enum.join([shown(name) | words], " ")
    end
  end

  defp close?("Elixir." <> _, "Elixir.Booktune." <> _), do: false
  defp close?("Elixir." <> typed, "Elixir." <> other), do: alike?(typed, other)
  defp close?("Elixir." <> _, _), do: false
  defp close?(_, "Elixir." <> _), do: false
  defp close?(typed, other), do: alike?(typed, other)

  defp alike?(typed, other) do
    if abs(byte_size(typed) - byte_size(other)) > 2 do
      false
    else
      one = typed |> String.downcase() |> String.to_charlist()
      two = other |> String.downcase() |> String.to_charlist()
      length(one -- two) <= 2 and length(two -- one) <= 2
    end
  end

  defp told_near(name, call) do
    module = String.to_atom(name)
    has = if Code.ensure_loaded?(module), do: module.module_info(:exports), else: []
    used = if {:"MACRO-__using__", 2} in has, do: "u", else: ""
    "#{shown(name)}=#{called(call, has)}#{used}"
  end

  defp shown("Elixir." <> name), do: name
  defp shown(name), do: ":" <> name

  defp called([name, arity], has) do
    arity = String.to_integer(arity)
    wanted = [{name, arity}, {"MACRO-" <> name, arity + 1}]
    if Enum.any?(has, fn {one, size} -> {Atom.to_string(one), size} in wanted end), do: "+", else: "-"
  end

  defp called([], _has), do: "?"

  # what the module has instead of a function that it has not: a slip of the pen shows there
  defp exports(%UndefinedFunctionError{module: module}) when is_atom(module) do
    if Code.ensure_loaded?(module) do
      names = for {name, _} <- module.module_info(:exports), uniq: true, do: name
      "\n\n[exports] " <> Enum.map_join(names, " ", &Atom.to_string/1)
    else
      ""
    end
  end

  defp exports(_reason), do: ""

  defp show(value) do
    if value == IEx.dont_display_result(), do: "", else:
      inspect(value, limit: 2_000, printable_limit: 20_000, pretty: true, width: 80)
  end

  defp compile_erlang(context, step) do
    name = with [_, name] <- Regex.run(~r/^\s*-\s*module\(\s*'?([\w@]+)'?\s*\)/m, step.text), do: name
    home = Path.dirname(:persistent_term.get(:booktune_ebin))
    file = home |> Path.join("#{name || "listing"}.erl") |> String.to_charlist()
    File.write!(file, step.text)

    case :compile.file(file, [:binary, :return, :debug_info]) do
      {:ok, module, binary, _warnings} ->
        File.write(Path.join(:persistent_term.get(:booktune_ebin), "#{module}.beam"), binary)
        :code.purge(module)
        :code.load_binary(module, file, binary)
        {"ok", Atom.to_string(module), "", context}

      {:error, errors, _warnings} ->
        text = for {_file, list} <- errors, item <- list, do: [told(item), "\n"]
        {"error", "", IO.iodata_to_binary(text), nil}
    end
  end

  defp told({place, module, what}) do
    line = with {line, _} <- place, do: line
    "line #{inspect(line)}: #{module.format_error(what)}"
  end

  defp told(other), do: inspect(other)

  def flush_mail do
    receive do _ -> flush_mail() after 0 -> :ok end
  end
end
