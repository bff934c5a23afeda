# Runs the code blocks of one chapter in the order of the book.
#
#   elixir run_chapter.exs JOB_DIR EBIN_DIR
#
# JOB_DIR holds one file per step, named NNN-SSS.KIND (block, step, kind).
# For every step a file with ".out" appended is written: what the step
# printed, followed by the inspected value or by the error message, as the
# shell would show it. Compiled modules go to EBIN_DIR, where the next
# chapters and the doctests find them.

defmodule ChapterRunner do
  @format_width 72

  def run(job_dir, ebin) do
    Code.prepend_path(ebin)
    Code.compiler_options(docs: true, ignore_module_conflict: true)
    # Crash reports are expected; they would only clutter the output.
    :logger.set_primary_config(:level, :none)
    {:ok, _} = Application.ensure_all_started(:iex)
    ExUnit.start(autorun: false, seed: 0, colors: [enabled: false])
    {:ok, device} = StringIO.open("")
    Process.group_leader(self(), device)

    state = %{ebin: ebin, device: device, iex: fresh_iex(), erl: :erl_eval.new_bindings()}

    job_dir
    |> File.ls!()
    |> Enum.sort()
    |> Enum.reduce(state, fn name, state -> step(Path.join(job_dir, name), state) end)
  end

  defp fresh_iex do
    env = Code.env_for_eval(file: "iex")
    {_, binding, env} = Code.eval_quoted_with_env(quote(do: import(IEx.Helpers)), [], env)
    {binding, env}
  end

  defp step(path, state) do
    source = File.read!(path)
    {answer, state} = judge(Path.extname(path), source, path, state)
    # Other processes may still be about to print.
    Process.sleep(10)
    File.write!(path <> ".out", StringIO.flush(state.device) <> answer)
    state
  end

  defp judge(".iex", source, path, state) do
    check_format(source, path)
    {binding, env} = state.iex
    quoted = Code.string_to_quoted!(source, file: "iex")
    {value, binding, env} = Code.eval_quoted_with_env(quoted, binding, env)
    {inspect(value, IEx.inspect_opts()), %{state | iex: {binding, env}}}
  catch
    kind, reason ->
      {blamed, _} = Exception.blame(kind, reason, __STACKTRACE__)
      {Exception.format_banner(kind, blamed, __STACKTRACE__), state}
  end

  defp judge(".elixir", source, path, state) do
    check_format(source, path)

    cond do
      source =~ "use ExUnit.Case" ->
        Code.compile_string(source, path)
        result = ExUnit.run()
        {"TESTS #{result.total} FAILURES #{result.failures}", state}

      source =~ ~r/^defmodule /m ->
        modules = Code.compile_string(source, path)
        Enum.each(modules, fn {module, binary} -> save(state.ebin, module, binary) end)
        {"", state}

      true ->
        {binding, env} = state.iex
        quoted = Code.string_to_quoted!(source)
        {_value, binding, env} = Code.eval_quoted_with_env(quoted, binding, env)
        {"", %{state | iex: {binding, env}}}
    end
  end

  defp judge(".erlang", source, path, state) do
    [_, name] = Regex.run(~r/^-module\((\w+)\)/m, source)
    file = Path.join(state.ebin, name <> ".erl")
    File.write!(file, source)

    case :compile.file(String.to_charlist(file), [:binary, :return]) do
      {:ok, module, binary, []} ->
        save(state.ebin, module, binary)
        {:module, ^module} = :code.load_binary(module, String.to_charlist(file), binary)
        {"", state}

      other ->
        raise "#{path} does not compile cleanly: #{inspect(other)}"
    end
  end

  # A step of an Erlang shell; the prompt 1> stands for a new shell.
  defp judge(".erl", source, path, state) do
    bindings = if path =~ ~r/-001\.erl$/, do: :erl_eval.new_bindings(), else: state.erl
    {:ok, tokens, _} = source |> String.to_charlist() |> :erl_scan.string()
    {:ok, expressions} = :erl_parse.parse_exprs(tokens)
    {:value, value, bindings} = :erl_eval.exprs(expressions, bindings, {:value, &shell_command/2})
    {to_string(:io_lib.format('~tp', [value])), %{state | erl: bindings}}
  catch
    kind, reason -> {"** " <> erlang_error(kind, reason, __STACKTRACE__), state}
  end

  defp shell_command(:c, [module]) do
    {:module, ^module} = Code.ensure_loaded(module)
    {:ok, module}
  end

  defp shell_command(:flush, []) do
    receive do
      message ->
        :io.format('Shell got ~tp~n', [message])
        shell_command(:flush, [])
    after
      0 -> :ok
    end
  end

  defp erlang_error(kind, reason, stack) do
    no_frames = fn _, _, _ -> true end
    print = fn term, _indent -> :io_lib.format('~tp', [term]) end
    1 |> :erl_error.format_exception(kind, reason, stack, no_frames, print, :unicode) |> to_string()
  end

  defp save(ebin, module, binary), do: File.write!(Path.join(ebin, "#{module}.beam"), binary)

  defp check_format(source, path) do
    source = String.trim_trailing(source)
    formatted = source |> Code.format_string!(line_length: @format_width) |> IO.iodata_to_binary()
    if formatted != source, do: File.write!(path <> ".format", formatted)
  end
end

[job_dir, ebin] = System.argv()
ChapterRunner.run(job_dir, ebin)
