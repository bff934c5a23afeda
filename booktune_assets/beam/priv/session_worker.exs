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
      {"error", "", Exception.format_banner(kind, blamed, stack) <> exports(blamed), nil}
  end

  def exports_named(text) do
    case Regex.run(~r/undefined function ([a-z]\w*):\w+\/\d+/, text) do
      [_, module] -> exports(%UndefinedFunctionError{module: String.to_atom(module)})
      nil -> ""
    end
  end

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
