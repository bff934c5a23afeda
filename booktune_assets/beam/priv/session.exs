# Runs what a book prints, step by step, the way its reader would: at a prompt, from files, as tests.
#
# Runs inside the sandbox. Standard input holds the steps, one frame each:
#     KIND ID CPU_MS IDLE_MS SETTLE_MS FLAGS LENGTH\n<bytes>\n
# and the descriptor named by BOOKTUNE_REPLY_FD gets, for each step that ran,
#     begin ID\n
#     end ID STATUS CPU_MS LENGTHS…\n<value><output><diagnostics><message>\n
# A chapter is one reader: its processes and bindings end with it. A section begins with an empty
# mailbox and no bindings of its own; names that it lacks are looked for in the chapter.
# A program is a chapter that knows nothing of those before it: their modules are gone as well.
# session_terminal.exs and session_worker.exs stand before it in one script (session.py).

defmodule Booktune.Session do
  @moduledoc false
  @text_max 60_000

  def main do
    Process.flag(:trap_exit, true)
    fd = String.to_integer(System.fetch_env!("BOOKTUNE_REPLY_FD"))
    reply = Port.open({:fd, 0, fd}, [:out, :binary])
    steps = :stdio |> IO.read(:eof) |> frames([])
    prepare()
    {:ok, out} = StringIO.open("")
    {:ok, diagnostics} = StringIO.open("")
    {:ok, logs} = StringIO.open("")
    rename(:standard_error, diagnostics)
    rename(:user, logs)

    state = %{
      reply: reply, out: out, diagnostics: diagnostics, logs: logs, base: nil, worker: nil, monitor: nil, shell: nil,
      binding: [], chapter: [], env: fresh_env(), envs: [], apart: false
    }

    state = %{state | base: MapSet.new(Process.list())}
    :persistent_term.put(:booktune_loaded, :code.all_loaded() |> Map.new())
    Enum.reduce(steps, state, &step/2)
    say(reply, "done\n")
    System.halt(0)
  catch
    kind, reason ->
      IO.puts(Exception.format(kind, reason, __STACKTRACE__))
      System.halt(1)
  end

  defp prepare do
    for app <- [:iex, :ex_unit, :logger, :eunit], do: Application.ensure_all_started(app)
    ebin = Path.expand("ebin")
    File.mkdir_p!(ebin)
    Code.prepend_path(ebin)
    :persistent_term.put(:booktune_ebin, ebin)
    Code.put_compiler_option(:ignore_module_conflict, true)
    Code.put_compiler_option(:docs, true)
    ExUnit.start(autorun: false, seed: 0, colors: [enabled: false], max_cases: 1)
  end

  defp rename(name, pid) do
    if Process.whereis(name), do: Process.unregister(name)
    Process.register(pid, name)
  end

  defp frames("", done), do: Enum.reverse(done)

  defp frames(data, done) do
    [head, rest] = :binary.split(data, "\n")
    [kind, id, cpu, idle, settle, flags, size] = String.split(head, " ")
    size = String.to_integer(size)
    <<text::binary-size(size), "\n", rest::binary>> = rest
    [cpu, idle, settle] = Enum.map([cpu, idle, settle], &String.to_integer/1)
    step = %{kind: kind, id: id, cpu: cpu, idle: idle, settle: settle,
             flags: String.split(flags, ","), text: text}
    frames(rest, [step | done])
  end

  # --- contexts

  defp step(%{kind: "program"} = step, state) do
    if not state.apart, do: stick()
    forget()
    step(%{step | kind: "chapter"}, %{state | apart: true})
  end

  defp step(%{kind: "chapter"}, state) do
    for pid <- Process.list(), pid != self(), not ours?(pid, state), do: Process.exit(pid, :kill)
    Booktune.Worker.flush_mail()
    File.cd!(Path.dirname(:persistent_term.get(:booktune_ebin)))
    %{state | binding: [], chapter: [], env: fresh_env(), envs: [], worker: nil, shell: nil}
  end

  # the shell's process lives as long as the chapter: it owns tables, and others are linked to it
  defp step(%{kind: "section"}, state) do
    if state.worker, do: send(state.worker, :empty_mailbox)
    envs = Enum.take([state.env | state.envs], 4)
    %{state | binding: [], env: fresh_env(), envs: envs, shell: nil}
  end

  defp step(%{kind: "shell"}, state), do: %{state | shell: nil}
  defp step(%{kind: "fresh"}, state), do: %{state | binding: []}

  # --- steps that run

  defp step(%{kind: "erl"} = step, state) do
    begin(state, step)
    state = if state.shell, do: state, else: %{state | shell: open_shell()}
    {pid, tty} = state.shell
    before = cpu()
    send(tty, {:type, step.text})
    {status, kept} = await_shell(pid, tty, before, step)
    settle(step)
    text = read_tty(tty)
    finish(state, step, status, cpu() - before, "", text, Booktune.Worker.exports_named(text))
    %{state | shell: if(kept, do: state.shell)}
  end

  defp step(step, state) do
    begin(state, step)
    before = cpu()
    {outcome, state} = attempt(step, state, before)
    {outcome, state} = second_try(outcome, step, state, before)
    settle(step)
    {status, value, message, context} = outcome |> after_all(state)
    finish(state, step, status, cpu() - before, value, StringIO.flush(state.out), message)
    keep(context, state)
  end

  # --- what a program has made

  defp forget do
    ebin = :persistent_term.get(:booktune_ebin)
    known = :persistent_term.get(:booktune_loaded)
    File.rm_rf(ebin)
    File.mkdir_p!(ebin)

    # what was made here has no file of its own, or one that was in that folder
    for {module, file} <- :code.all_loaded(), Map.get(known, module) != file, made_here?(file, ebin) do
      for act <- [:purge, :delete, :purge], do: apply(:code, act, [module])
    end
  end

  defp made_here?(file, ebin) when is_list(file) do
    path = List.to_string(file)
    not String.ends_with?(path, ".beam") or String.starts_with?(path, ebin)
  end

  defp made_here?(_file, _ebin), do: false

  # Elixir's own modules cannot be replaced by a program: those that come after it need them.
  defp stick do
    for app <- [:elixir, :iex, :ex_unit, :logger],
        file <- app |> Application.app_dir("ebin") |> File.ls!(),
        String.ends_with?(file, ".beam"),
        do: file |> Path.rootname() |> String.to_atom() |> :code.stick_mod()
  end

  # --- answers

  # a process that the step started may take the shell down with it a moment later
  defp after_all({"ok", _, _, _} = outcome, state) do
    receive do
      {:DOWN, _, :process, pid, reason} when pid == state.worker -> went_down(pid, reason)
    after
      0 -> outcome
    end
  end

  defp after_all(outcome, _state), do: outcome

  defp keep(nil, state), do: state

  defp keep({binding, env}, state) do
    chapter = Map.merge(Map.new(state.chapter), Map.new(binding))
    %{state | binding: binding, env: env, chapter: Map.to_list(chapter)}
  end

  # What a section lacks, the chapter may have; a name that is taken is freed, as a restart would.
  defp second_try({"error", _, message, _} = outcome, step, state, before) do
    cond do
      "error" in step.flags -> {outcome, state}
      lacks?(message) and (state.envs != [] or length(state.chapter) > length(state.binding)) ->
        chapter = Map.to_list(Map.merge(Map.new(state.chapter), Map.new(state.binding)))
        wider(outcome, [state.env | state.envs], step, %{state | binding: chapter}, before, state)
      true -> free_and_retry(outcome, message, step, state, before)
    end
  end

  defp second_try({"ok", value, _, _} = outcome, step, state, before) do
    if value =~ "already_started" and "error" not in step.flags,
      do: free_and_retry(outcome, value, step, state, before),
      else: {outcome, state}
  end

  defp second_try(outcome, _step, state, _before), do: {outcome, state}

  # nothing of a step has run when it does not compile, or names a macro without its module
  defp lacks?(message), do: message =~ ~r/^\*\* \(CompileError\)|Be sure to require|you must require/

  defp wider(outcome, [], _step, _wide, _before, state), do: {outcome, state}

  defp wider(outcome, [env | rest], step, wide, before, state) do
    StringIO.flush(state.out)

    case attempt(step, %{wide | env: env}, before) do
      {{"error", _, message, _}, tried} ->
        state = %{state | worker: tried.worker, monitor: tried.monitor}
        wide = %{wide | worker: tried.worker, monitor: tried.monitor}
        if lacks?(message),
          do: wider(outcome, rest, step, wide, before, state),
          else: {{"error", "", message, nil}, state}

      {found, tried} ->
        {found, tried}
    end
  end

  defp free_and_retry(outcome, text, step, state, before) do
    if free(text, state) do
      StringIO.flush(state.out)
      attempt(step, state, before)
    else
      {outcome, state}
    end
  end

  defp free(text, state) do
    pids =
      case Regex.run(~r/already_started, #PID(<[\d.]+>)/, text) || Regex.run(~r/already started: #PID(<[\d.]+>)/, text) do
        [_, pid] -> [:erlang.list_to_pid(String.to_charlist(pid))]
        nil -> if text =~ ~r/table name already exists|name is already taken/, do: named(state), else: []
      end

    for pid <- pids, pid not in state.base do
      Process.unlink(pid)
      if state.worker, do: send(state.worker, {:unlink, pid})
      monitor = Process.monitor(pid)
      Process.sleep(5)
      Process.exit(pid, :kill)
      receive do {:DOWN, ^monitor, _, _, _} -> pid after 1_000 -> pid end
    end != []
  end

  defp named(state) do
    registered = for name <- Process.registered(), do: Process.whereis(name)
    owners = for table <- :ets.all(), pid = :ets.info(table, :owner), is_pid(pid), do: pid
    Enum.uniq(registered ++ owners) -- [nil, self(), state.worker, state.out, state.diagnostics]
  end

  defp attempt(step, state, before) do
    worker = if alive?(state.worker), do: state.worker, else: Booktune.Worker.open(state.out)
    monitor = if worker == state.worker, do: state.monitor, else: Process.monitor(worker)
    state = %{state | worker: worker, monitor: monitor}
    ref = make_ref()
    send(worker, {:eval, self(), ref, step, state.binding, state.env})
    outcome = await(worker, monitor, ref, before, step, 0)
    {outcome, state}
  end

  defp alive?(pid), do: is_pid(pid) and Process.alive?(pid)

  # CPU seconds decide; a step that waits is left when nothing in this machine has anything to do.
  defp await(pid, monitor, ref, before, step, idle) do
    receive do
      {^ref, outcome} -> outcome
      {:DOWN, ^monitor, _, _, reason} -> went_down(pid, reason)
    after
      40 ->
        cond do
          cpu() - before > step.cpu -> leave(pid, "timeout")
          idle > step.idle -> leave(pid, "waits")
          idle?(pid) -> await(pid, monitor, ref, before, step, idle + 40)
          true -> await(pid, monitor, ref, before, step, idle)
        end
    end
  end

  defp went_down(pid, reason) do
    why = "shell process exited with reason: " <> Exception.format_exit(reason)
    {"exit", "", "** (EXIT from #{inspect(pid)}) " <> why, nil}
  end

  defp leave(pid, status) do
    Process.exit(pid, :kill)
    {status, "", "", nil}
  end

  defp idle?(pid) do
    match?({:status, :waiting}, Process.info(pid, :status)) and
      :erlang.statistics(:total_active_tasks) <= 1
  end

  # --- the Erlang shell itself, on a terminal of ours

  defp open_shell do
    tty = Booktune.Tty.start(self())
    mine = Process.group_leader()
    Process.group_leader(self(), tty)
    pid = :shell.start(true, false)
    Process.group_leader(self(), mine)
    receive do {:asks, ^tty} -> :ok after 5_000 -> :ok end
    read_tty(tty)
    {pid, tty}
  end

  defp await_shell(pid, tty, before, step, idle \\ 0) do
    receive do
      {:asks, ^tty} -> {"ok", true}
    after
      40 ->
        cond do
          not Process.alive?(pid) -> {"exit", false}
          cpu() - before > step.cpu -> {elem(leave(pid, "timeout"), 0), false}
          idle > step.idle -> {elem(leave(pid, "waits"), 0), false}
          :erlang.statistics(:total_active_tasks) <= 1 -> await_shell(pid, tty, before, step, idle + 40)
          true -> await_shell(pid, tty, before, step, idle)
        end
    end
  end

  defp read_tty(tty) do
    send(tty, {:flush, self()})
    receive do {:text, ^tty, text} -> text after 2_000 -> "" end
  end

  # Servers that OTP starts when they are first needed have a supervisor of the system's: to kill
  # them once a chapter would be a restart too many for it, and the end of this machine.
  defp ours?(pid, state) do
    parent =
      with {:dictionary, kept} <- Process.info(pid, :dictionary),
           [first | _] <- Keyword.get(kept, :"$ancestors", []),
           do: if(is_atom(first), do: Process.whereis(first), else: first)

    pid in state.base or parent in state.base
  end

  # --- words back

  defp begin(state, step) do
    StringIO.flush(state.out)
    StringIO.flush(state.diagnostics)
    StringIO.flush(state.logs)
    say(state.reply, "begin #{step.id}\n")
  end

  # what processes print that the step has started comes a moment after its value
  defp settle(step), do: Process.sleep(step.settle)

  defp finish(state, step, status, cpu, value, output, message) do
    said = StringIO.flush(state.diagnostics)
    # a module that calls one which is not there compiles, with a warning
    message = if status == "ok" and message == "", do: Booktune.Worker.near(said), else: message
    parts = Enum.map([value, output, said <> StringIO.flush(state.logs), message], &cut/1)
    sizes = Enum.map_join(parts, " ", &byte_size/1)
    say(state.reply, ["end #{step.id} #{status} #{cpu} #{sizes}\n", parts, "\n"])
  end

  defp cut(text) when byte_size(text) > @text_max, do: binary_part(text, 0, @text_max)
  defp cut(text), do: text

  defp cpu, do: :erlang.statistics(:runtime) |> elem(0)
  defp say(port, text), do: Port.command(port, text)

  defp fresh_env do
    with nil <- :persistent_term.get(:booktune_env, nil) do
      env = %{Code.env_for_eval(file: "iex") | tracers: [Booktune.Tracer]}
      {_, _, env} = Code.eval_quoted_with_env(quote(do: import(IEx.Helpers)), [], env)
      :persistent_term.put(:booktune_env, env)
      env
    end
  end
end

Booktune.Session.main()
