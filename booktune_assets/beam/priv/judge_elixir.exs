# Judges one Elixir candidate: compiles the tests, then the candidate, runs the tests, reports.
#
# Runs inside the sandbox: /job holds tests.exs and candidate.ex; the nonce comes on standard input,
# the report goes to the descriptor named by BOOKTUNE_REPLY_FD. What stands on standard output never
# counts. The nonce, the order of compiling and the test count are tripwires, not proof: a candidate
# that knows this file can reach everything in its own BEAM.

defmodule Booktune.Judge.Collector do
  @moduledoc false
  use GenServer

  # ExUnit stops its formatters before run/0 returns, so what was seen is sent to the judge.
  def init(_opts), do: {:ok, {0, []}}

  def handle_cast({:test_finished, %ExUnit.Test{state: nil}}, {ran, failed}) do
    {:noreply, {ran + 1, failed}}
  end

  def handle_cast({:test_finished, %ExUnit.Test{state: {:failed, what}} = test}, {ran, failed}) do
    {:noreply, {ran + 1, [{test, what} | failed]}}
  end

  def handle_cast({:module_finished, %ExUnit.TestModule{state: {:failed, what}} = mod}, {ran, bad}) do
    {:noreply, {ran, [{mod, what} | bad]}}
  end

  def handle_cast({:suite_finished, _times}, state) do
    send(Booktune.Judge, {:collected, state})
    {:noreply, state}
  end

  def handle_cast(_other, state), do: {:noreply, state}
end

defmodule Booktune.Judge do
  @moduledoc false

  def main do
    nonce = IO.read(:line) |> String.trim()
    reply = Port.open({:fd, 0, String.to_integer(System.fetch_env!("BOOKTUNE_REPLY_FD"))}, [:out])
    Process.register(self(), __MODULE__)
    Code.put_compiler_option(:no_warn_undefined, :all)
    [wall, interface] = System.argv()

    ExUnit.start(
      autorun: false,
      formatters: [Booktune.Judge.Collector],
      timeout: String.to_integer(wall),
      max_cases: 1,
      seed: 0
    )

    {status, ran, detail} = judge(nonce, reply, String.split(interface, ",", trim: true))
    say(reply, [nonce, " verdict ", status, " ", Integer.to_string(ran), "\n", detail])
    System.halt(0)
  end

  defp judge(nonce, reply, interface) do
    tests = File.read!("/job/tests.exs")

    case Code.string_to_quoted(tests, file: "tests.exs") do
      {:error, why} ->
        {"harness_error", 0, "the tests do not parse: #{inspect(why)}"}

      {:ok, _quoted} ->
        early = compile(tests, "tests.exs")
        say(reply, [nonce, " ready\n"])
        judge_candidate(tests, early, interface)
    end
  end

  defp judge_candidate(tests, early, interface) do
    with {:ok, made} <- compile(File.read!("/job/candidate.ex"), "candidate.ex"),
         :ok <- owns_only_its_modules(made, early),
         :ok <- has(interface),
         {:ok, _modules} <- later(tests, early) do
      run()
    else
      {:error, why} -> {"compile_error", 0, why}
      {:refused, why} -> {"fail", 0, why}
    end
  end

  # Tests that name structs or macros of the candidate compile only after it.
  defp later(_tests, {:ok, _modules} = early), do: early

  defp later(tests, {:error, _why}) do
    with {:error, why} <- compile(tests, "tests.exs") do
      {:refused, "the tests do not compile with this candidate: #{why}"}
    end
  end

  defp compile(source, file) do
    {:ok, source |> Code.compile_string(file) |> Enum.map(&elem(&1, 0))}
  catch
    kind, reason -> {:error, Exception.format_banner(kind, reason, __STACKTRACE__)}
  end

  defp owns_only_its_modules(made, early) do
    tests = with {:ok, modules} <- early, do: modules, else: (_ -> [])
    taken? = fn module -> module in tests or String.starts_with?(inspect(module), "ExUnit") end

    case Enum.filter(made, &(taken?.(&1) or :code.is_sticky(&1))) do
      [] -> :ok
      modules -> {:refused, "the candidate redefines #{inspect(modules)}"}
    end
  end

  defp has(interface) do
    missing =
      Enum.reject(interface, fn entry ->
        [_, module, name, arity] = Regex.run(~r"^(.+)\.([^.]+)/(\d+)$", entry)
        module = Module.concat([module])
        {name, arity} = {String.to_atom(name), String.to_integer(arity)}

        Code.ensure_loaded?(module) and
          (function_exported?(module, name, arity) or macro_exported?(module, name, arity))
      end)

    if missing == [], do: :ok, else: {:refused, "not defined: #{Enum.join(missing, ", ")}"}
  end

  defp run do
    ExUnit.run()

    receive do
      {:collected, {ran, []}} -> {"pass", ran, ""}
      {:collected, {ran, failed}} -> {class(failed), ran, failed |> Enum.reverse() |> describe()}
    after
      1_000 -> {"harness_error", 0, "no result from the formatter"}
    end
  end

  defp class(failed) do
    late? = fn {_test, what} -> Enum.any?(what, &match?({_, %ExUnit.TimeoutError{}, _}, &1)) end
    if Enum.any?(failed, late?), do: "timeout", else: "fail"
  end

  defp describe(failed) do
    first = failed |> Enum.take(2) |> Enum.map_join("\n", &describe_one/1)
    "#{length(failed)} failed\n#{first}"
  end

  defp describe_one({%ExUnit.Test{} = test, what}) do
    ExUnit.Formatter.format_test_failure(test, what, 1, 80, fn _, text -> text end)
  end

  defp describe_one({%ExUnit.TestModule{} = module, what}) do
    ExUnit.Formatter.format_test_all_failure(module, what, 1, 80, fn _, text -> text end)
  end

  defp say(port, text), do: Port.command(port, text)
end

Booktune.Judge.main()
