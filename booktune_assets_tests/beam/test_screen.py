"""What the screen names in a source, and what it leaves alone."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from booktune_assets.beam.problems import Problem, load_problems
from booktune_assets.beam.programs import program
from booktune_assets.beam.slots import Book, Slot
from booktune_assets.beam.workers import missing, run_limits

TESTS = {
    "elixir": "defmodule AddTest do\nuse ExUnit.Case\nend",
    "erlang": "-module(add_tests).\none_test() -> ok.",
}
PROBLEMS = Path(__file__).parents[2] / "data" / "evals" / "problems"
# what these tasks ask for: a right answer gets a BEAM of its own, and passes
ASKED_FOR = {
    "elixir-discount-rules": "Code, a module found out while it runs",
    "elixir-ets-heir": "ets.give_away",
}
ELIXIR_FLAGGED = [
    "System.halt(0)",
    "alias System, as: S\nS.halt(0)",
    "import System\nhalt(0)",
    "Task.start(System, :halt, [0])",
    "Task.start(:init, :stop, [])",
    ":timer.tc(:erlang, :processes, [])",
    "f = Enum.at(Keyword.keys(:erlang.memory()), 1)\nTask.async(:erlang, f, [])",
    "m =\ntry do\nx()\nrescue\ne -> e.module\nend\nf = :now\na = []\n"
    "Supervisor.start_child(s, {1, {m, f, a}, :permanent, 1, :worker, []})\n"
    "Supervisor.start_child(s, Map.put(%{id: 1}, :start, {m, f, a}))",
    "for {f, 0} <- :ets.module_info(:exports), do: :timer.tc(:ets, f, [])",
    "m = :init\nm.stop",
    "m = :init\nm.stop()",
    "f = &:erlang.halt/0\nf.()",
    "apply(:erlang, :halt, [0])",
    ":erlang.apply(:init, :stop, [])",
    'apply(String.to_atom("init"), :stop, [])',
    'send(String.to_existing_atom("x"), :y)',
    ':"Elixir.ExUnit.Server"',
    "defmodule ExUnit.Assertions do\nend",
    "defmodule Enum do\nend",
    "import ExUnit.Assertions",
    'Code.eval_string("1")',
    'EEx.eval_string("1")',
    'Kernel.ParallelCompiler.compile(["a.ex"])',
    "Process.list()",
    "Process.info(self())",
    ":persistent_term.get()",
    ":code.purge(Enum)",
    "Port.open({:fd, 0, 1}, [])",
    ":erlang.open_port({:fd, 0, 1}, [])",
    "defmodule A do\n@on_load :x\ndef x, do: :ok\nend",
    "defmodule A do\n@compile {:parse_transform, :x}\nend",
    "Application.put_env(:ex_unit, :a, 1)",
    ":sys.replace_state(self(), & &1)",
    "Module.create(A, nil, __ENV__)",
    "spawn(:init, :stop, [])",
    ":ets.all()",
    "send(:booktune_main, :x)",
    "defmodule AddTest do\nend",
    "AddTest.__ex_unit__()",
    ":ets.delete_all_objects(:elixir_config)",
    "Process.exit(Process.whereis(:kernel_sup), :kill)",
    ':file.eval("x")',
    ":file.script(~c(x))",
    ':file.path_eval(["."], "x")',
    ':file.consult("x")',
    'import :file\neval("x")',
    "Task.start(:file, :eval, [~c(x)])",
    ':io_lib.fread(~c"~a", ~c"x")',
    'OptionParser.parse(["--x"], allow_nonexistent_atoms: true)',
    ':qlc.string_to_handle("x")',
    ":erl_eval.exprs([], [])",
    ":erl_scan.string(~c(x))",
    "Function.capture(:init, :stop, 0)",
    "alias Kernel.{ParallelCompiler}\nParallelCompiler.compile([])",
    "[m, f] = ~w(init stop)a\napply(m, f, [])",
    "hd([:init]).stop()",
    "Enum.each([:init], & &1.stop())",
    "m = :file\nf = &m.eval/1\nf.(~c(x))",
    "defmodule A do\ndefmacro m(_), do: Module.put_attribute(__CALLER__.module, :x, 1)\nend",
    "defmodule A do\ndefmacro m(_), do: quote(do: @moduletag(:skip))\nend",
    'defmodule A do\ndefmacro m(_) do\nquote do\ntest("a", do: 1)\nend\nend\nend',
    "defmodule A do\ndefmacro m(_) do\nquote do\nimport Kernel, except: [==: 2]\nend\nend\nend",
    "{m, _, _, _} = try do\nhd([])\nrescue\n_ -> hd(__STACKTRACE__)\nend\napply(m, :f, [])",
    "try do\nf()\nrescue\ne -> e.module.f(1)\nend",
    "def f(m) do\nm.open(1)\nrescue\ne -> m.close(e)\nend",
    "alias My.Exception\ndef f(m) do\nm.open(1)\nrescue\ne -> Exception.message(e)\nend",
    "defmodule Exception do\ndef message(e), do: e.module.g()\nend\n"
    "def f(m) do\nm.g()\nrescue\ne -> Exception.message(e)\nend",
    "import Kernel, except: [raise: 1]\ndef f(m) do\nm.g()\nrescue\ne -> raise(e)\nend",
    "def f(m) do\nm.g()\nrescue\ne -> binding()\nend",
    "{:module, m} = Function.info(&hd/1, :module)\nTask.async(m, :f, [])",
    "receive do\n{:DOWN, _, _, _, {_, [{m, _, _, _} | _]}} -> m.f(1)\nend",
    "try do\nf()\ncatch\n_, x -> Supervisor.start_link([%{id: 1, start: {x, :f, []}}], [])\nend",
    "try do\n1\nrescue\ne -> Enum.map([e.module], &apply(&1, :f, []))\nend",
    "try do\n1\nrescue\ne -> Enum.map([e.module], & &1.f(1))\nend",
    "f = &Kernel.apply/3\ntry do\n1\nrescue\ne -> f.(e.module, :f, [])\nend",
    "alias Task, as: T\ntry do\n1\nrescue\ne -> T.async(e.module, :f, [])\nend",
    "import Task\ntry do\n1\nrescue\ne -> async(e.module, :f, [])\nend",
    "defdelegate go(m, f, a), to: Kernel, as: :apply\ndef f, do: go(hd(__STACKTRACE__), :f, [])",
    "f = &apply/3\ntry do\n1\nrescue\ne -> f.(e.module, :f, [])\nend",
    'PartitionSupervisor.start_link(name: P, child_spec: %{start: {String.to_atom("x"), :f, []}})',
    ':ets.insert(String.to_atom("x"), {1})',
    ':erlang.unregister(String.to_atom("x"))',
    'Process.whereis(:"booktune_c#{x}")',
    "defmodule A do\ndefmacro m(_), do: {:import, [], [:x]}\nend",
    "defmodule A do\ndefmacro m(_), do: Macro.escape(__CALLER__.versioned_vars)\nend",
    "defmodule A do\ndef __struct__, do: %{__struct__: A}\nend",
    ":erlang.system_info(:procs)",
    "defmodule A do\ndefmacro m, do: quote(do: unquote(__CALLER__.context_modules))\nend",
    "for {m, f} <- [{:init, :stop}], do: apply(m, f, [])",
    "for {m, f} <- [init: :stop], do: Task.start(m, f, [])",
    "[m] = Map.keys(%{erlang: 1})\napply(m, :f, [])",
    "[m] = ~W(erlang)a\napply(m, :f, [])",
    '[m] = ~w(#{"er" <> "lang"})a\napply(m, :f, [])',
    "init = 0\n[{m, _}] = [{init, 0} | binding()]\napply(m, :stop, [])",
    "{m, _, _} = quote(do: init)\napply(m, :stop, [])",
    "apply(:c, :c, [~c(x)])",
    "m = :c\napply(m, m, [~c(x)])",
    "{m, _, _, _} = hd(__STACKTRACE__)\nGenServer.call(:rex, {:call, m, :f, [], self()})",
    "{m, _, _, _} = hd(__STACKTRACE__)\n"
    "send(:user, {:io_request, self(), 1, {:put_chars, :unicode, m, :f, []}})",
    "{m, _, _, _} = hd(__STACKTRACE__)\n{:ok, a} = Agent.start(fn -> 1 end)\n"
    "GenServer.call(a, {:get, {m, :f, []}})",
    "defmodule A do\n@compile {:core_transform, B}\nend",
    "defmodule A do\n@compile [:inline, {:parse_transform, B}]\nend",
    "defmodule A do\no = {:inline, []}\n@compile o\nend",
    "defmodule A do\nModule.put_attribute(__MODULE__, :compile, {:parse_transform, B})\nend",
    "defmodule A do\n__MODULE__ |> Module.put_attribute(:x, 1)\nend",
    "Inspect.Opts.default_inspect_fun(fn _, _ -> 1 end)",
    "defmodule A do\ndefmacro m(_), do: quote(do: alias(A.B, as: Enum))\nend",
    "defmodule A do\ndefmacro m(_), do: quote(do: alias(A.Enum))\nend",
    "defmodule A do\ndefmacro m(_), do: quote(do: alias(A.{B, Enum}))\nend",
    "defmodule A do\ndefmacro m(_), do: quote(do: require(A.B, warn: false, as: Enum))\nend",
    "defmodule A do\ndefmacro m(_), do: quote(do: import(Elixir.Kernel, except: [==: 2]))\nend",
    "defmacro m(x), do: {{:., [], [{:__aliases__, [], [:Code]}, :f]}, [], [x]}",
    "defmodule A do\ndefmacro m(_), do: Macro.prewalk(quote(do: B.eval_string(1)), &g/1)\n"
    "def g(:B), do: :Code\nend",
    "defmodule A do\ndefmacrop m(f), do: {:apply, [], [f, []]}\nend",
    "defmodule A do\ndef f, do: unquote({:spawn, [], [1]})\nend",
    "for {m, _} <- [init: 1], do: unquote(:apply)(m, :stop, [])",
    "defmacro m(m, f), do: quote(do: unquote(m).unquote(f)())\ndef f, do: [init: 1]",
    'String.unquote(:to_atom)("x")',
    "System.unquote(:halt)(0)",
    "Kernel.@(compile({:core_transform, B}))",
    "Kernel.defmodule(Enum, do: 1)",
    "def f do\ndefprotocol Supervisor do\ndef which_children(s)\nend\nend",
    "def f do\ndefimpl Enumerable, for: Range do\ndef count(_), do: {:ok, 0}\nend\nend",
    "defimpl(Inspect, do: (def inspect(_, _), do: 1), for: [A, Integer])",
    "for t <- [Range] do\ndefimpl Enumerable, for: t do\nend\nend",
    'defimpl :"Elixir.String.Chars", for: Atom do\nend',
    "for {m, _} <- [init: 1], do: Kernel.apply(m, :stop, [])",
    'require String, as: S\nS.to_atom("x")\nsend(self(), 1)',
    "Task.async(:xref, :add_application, [1, 2])",
]
ELIXIR_CLEAN = [
    "def f(x), do: x.field",
    "def f(x), do: x.stop",
    "%{code: 1, init: 2, os: 3}",
    "{:continue, :init}",
    "{:user, :c}",
    "fun = &(&1 + 1)\nfun.(1)",
    "System.monotonic_time(:millisecond)",
    "Process.sleep(1)\nProcess.monitor(self())\nProcess.flag(:trap_exit, true)",
    "defmodule A do\nuse GenServer\ndef init(x), do: {:ok, x}\n"
    "def stop(p), do: GenServer.stop(p)\nend",
    "Task.async(fn -> 1 end) |> Task.await()",
    ":ets.new(:t, [:public])",
    "use Application",
    ":erlang.phash2(1)",
    '"ExUnit is a library"',
    "defimpl Enumerable, for: A do\n"
    "def reduce(a, acc, f), do: Enumerable.List.reduce(a.l, acc, f)\nend",
    "alias My.Code\nimport Bitwise\nrequire Logger",
    "defprotocol Sized do\ndef size(x)\nend\ndefimpl Sized, for: [Integer, Map] do\nend",
    "defmodule A do\ndefstruct [:x]\ndefimpl Inspect do\ndef inspect(a, _), do: a.x\nend\n"
    "defimpl String.Chars, for: __MODULE__ do\ndef to_string(a), do: a.x\nend\nend",
    "String.to_existing_atom(x)",
    ':"pool_#{System.unique_integer()}"\nspawn(fn -> 1 end)',
    "Process.info(self(), :message_queue_len)",
    "defmodule A do\ndefmodule Worker do\ndefstruct [:x]\nend\ndef f, do: %Worker{}\nend",
    'File.read!("x")\n:file.read_file("x")\nFile.stream!("x")',
    "raise ArgumentError\nDateTime.utc_now()\nTask.Supervisor.async(s, fn -> 1 end)",
    "def f(mod, x), do: mod.handle(x)\nMap.get(%{}, :a)\nEnum.map([], & &1.id)",
    "for x <- ~w(a b)a, do: x",
    "def f(m) do\nm.open(1)\nrescue\n_ -> :error\nafter\nm.close(1)\nend",
    "def f(m) do\nm.open(1)\nrescue\nArgumentError -> :error\nend",
    "try do\nf()\nrescue\ne -> {:error, e.message}\nend",
    "def f(m) do\nm.open(1)\nrescue\ne -> {:error, e.message}\nafter\nm.close(1)\nend",
    "def f(m) do\nm.open(1)\nrescue\n_e in ArgumentError -> :error\nend",
    "def f(m) do\nm.open(1)\nrescue\ne -> {:error, Exception.message(e)}\nend",
    "def f(m) do\nm.open(1)\nrescue\ne -> reraise(e, [])\nend",
    "def f(x), do: String.to_atom(x) |> then(&Map.get(%{}, &1))",
    "def handle_info({:DOWN, _, :process, p, r}, s), do: {:noreply, Map.put(s, p, r)}",
    "defmodule A do\ndefmacro m(_), do: quote(do: defoverridable(a: 1))\nend",
    "defmodule A do\ndefmacro m(x), do: quote(do: unquote(x) + 1)\n@tag 1\nend",
    "Unknown.Module.call(1)",
    ":erlang.system_info(:process_count)",
    "defmodule A do\ndefmacro m, do: quote(do: unquote(__CALLER__.line))\nend",
    "defmodule A do\n@compile {:inline, f: 1}\n@compile [:nowarn_unused_function]\nend",
    "defmodule A do\nModule.put_attribute(__MODULE__, :parts, 1)\nend",
    "defmodule A do\ndefmacro __using__(_), do: quote(do: alias(A.Helper, as: Help))\nend",
    "def f(mod, x), do: mod.handle(x, name: :a, strategy: :one_for_one)",
    'x = "a"\n~w(#{x} b)',
    "apply(List, :last, [[1]])\napply(__MODULE__, :f, [])\nspawn(__MODULE__, :f, [])",
    "try do\nf()\nrescue\ne -> {:error, e}\nend\nAgent.get(:a, & &1)\nSupervisor.which_children(s)",
    "inspect(1, %Inspect.Opts{limit: 2})",
    "defmodule A do\nfor {n, v} <- [a: 1, b: 2], do: def unquote(n)(), do: unquote(v)\nend",
    "defmacro m(f, x), do: quote(do: unquote(f)(unquote(x)))\n@words [:Monday, :Apple, :Task]",
    "Kernel.max(1, 2)\nKernel.+(1, 2)\nEnum.map([1], &Kernel.abs/1)",
]  # fmt: skip
ERLANG_FLAGGED = [
    "-module(a).\nf() -> halt(0).",
    "-module(a).\nf() -> init:stop().",
    "-module(a).\nf() -> M = init, M:stop().",
    "-module(a).\n-define(M, init).\nf() -> ?M:stop().",
    "-module(a).\nf() -> spawn(init, stop, []).",
    "-module(a).\nf() -> timer:apply_after(0, init, stop, []).",
    "-module(a).\n-import(init, [stop/0]).\nf() -> stop().",
    "-module(a).\n-on_load(f/0).\nf() -> ok.",
    "-module(a).\n-compile({parse_transform, b}).",
    "-module(a).\nf() -> code:purge(lists).",
    "-module(a).\nf() -> processes().",
    "-module(a).\nf() -> erlang:processes().",
    "-module(a).\nf() -> timer:tc(erlang, processes, []).",
    '-module(a).\n-include_lib("eunit/include/eunit.hrl").\nf() -> ?cmd("cat x").',
    '-module(a).\n-include_lib("common_test/include/ct.hrl").\nf() -> 1.',
    '-module(a).\n-include("/usr/lib/erlang/lib/wx/include/wx.hrl").\nf() -> 1.',
    "-module(a).\nf() -> eunit_server ! x.",
    "-module(a).\nf(X) -> apply(list_to_atom(X), stop, []).",
    "-module(a).\nf(F) -> erlang:F().",
    "-module(a).\nf() -> group_leader().",
    '-module(a).\nf() -> file:eval("x").',
    '-module(a).\nf() -> io_lib:fread("~a", "x").',
    '-module(a).\nf() -> qlc:string_to_handle("x").',
    "-module(a).\nf() -> erl_eval:exprs([], []).",
    "-module(a).\nf() -> add_tests:one_test().",
    "-module(add_tests).\nf() -> ok.",
    "-undef(assertEqual).",
    "-define(assertEqual(A, B), ok).",
    "-define(NOTEST, true).",
    '-module(a).\n-import(file, [eval/1]).\nf() -> eval("x").',
    "-module(a).\nf(M) -> M:eval(x).\ng() -> f(file).",
    "-module(a).\nf() -> try hd([]) catch _:_:S -> (element(1, hd(S))):f() end.",
    "-module(a).\nf(X) -> {'EXIT', {_, [{M, _, _, _} | _]}} = (catch hd(X)), M:f().",
    "-module(a).\nf() -> receive {'DOWN', _, _, _, {_, [{M, _} | _]}} -> spawn(M, f, []) end.",
    "-module(a).\n-define(A, apply).\nf(X) -> {_, {_, [M | _]}} = (catch hd(X)), ?A(M, f, []).",
    "-module(a).\nf(X) -> register(list_to_atom(X), self()).",
    "-module(a).\nf(X) -> ets:insert(list_to_atom(X), {1}).",
    "-module(a).\nf() -> [M | _] = get(), supervisor:start_link(M, []).",
    "-module(a).\nf() -> [M] = maps:keys(#{init => 1}), timer:apply_after(1, M, stop, []).",
    "-module(a).\nf() -> F = fun halt/0, F().",
    "-module(a).\n-define(HALT, halt).\nf() -> ?HALT(0).",
    "-module(a).\n-define(CALL(F, X), F(X)).\nf() -> ?CALL(halt, 0).",
    "-module(a).\n-define(FUN, fun).\n-define(SLASH, /).\nf() -> (?FUN halt ?SLASH 0)().",
    "-module(a).\n-compile({core_transform, b}).",
    "-module(a).\n-compile([inline, {parse_transform, b}]).",
    "-module(a).\n-compile(?OPTIONS).",
    "-module(a).\nf(X) -> try hd(X) catch _:_:S -> begin element(1, hd(S)) end:f() end.",
    "-module(a).\nf(X) -> try hd(X) catch _:_:S -> gen:call(rex, x, {call, hd(S)}) end.",
]
ERLANG_CLEAN = [
    "-module(a).\n-behaviour(gen_server).\ninit([]) -> {ok, 1}.\n"
    "f() -> gen_server:call(?MODULE, x).",
    "-module(a).\nf(M, X) -> M:handle(X).",
    "-module(a).\nf() -> ?MODULE:g().\ng() -> spawn(fun() -> ok end).",
    "-module(a).\nf(X) -> #{code => X, os => 1}.",
    "-module(a).\nf() -> erlang:monotonic_time().",
    '-module(a).\n-include_lib("eunit/include/eunit.hrl").\nf_test() -> ?assert(true).',
    '-module(a).\nf() -> {ok, B} = file:read_file("x"), crypto:hash(sha256, B).',
    '-module(a).\nf(X) -> binary:split(X, <<"a">>, [global]).',
    "-module(a).\n-export([init/1]).\ninit(stop) -> restart.",
    "-module(a).\n-define(LIMIT, 5).\nf(X) -> other:f(?LIMIT, X).",
    "-module(a).\nf(X) -> list_to_existing_atom(X).",
    "-module(a).\nf(M) -> try M:open() catch _:_ -> error; throw:no -> none end.",
    "-module(a).\nf(F) -> try F() catch Class:Reason -> {Class, Reason} end.",
    "-module(a).\nf(C) -> gen_statem:start_link(?MODULE, #{code => C, init => 1}, []).\n"
    "g(#{code := [_ | R]} = D) -> D#{code := R}.\nstop(P) -> gen_statem:stop(P).",
    "-module(a).\nf(F) -> catch F().\ng(S) -> gen_server:start_link(?MODULE, S, []).",
    "-module(a).\nstart_link() -> supervisor:start_link(?MODULE, []).\n"
    "init(_) -> {ok, {#{}, [#{id => c, start => {?MODULE, new, []}}]}}.\n"
    "get() -> c ! {get, self()}, receive {n, N} -> N end.",
    "-module(a).\n-compile([export_all, nowarn_export_all, {inline, [{f, 1}]}]).\nf(X) -> X.",
    "-module(a).\n-define(IS(X), is_list(X)).\n-define(MAX, 5).\nf(L) -> lists:map(fun g/1, L).",
    "-module(a).\nf(<<A:8, (1):4, B:A/binary>>) -> try b(B) catch C:R when C =:= c -> {a, R} end.",
    "-module(a).\nf(L) -> lists:foldl(fun erlang:max/2, 0, lists:map(fun abs/1, L)).",
]


# macros that hook into modules: of a module beside the tests, or of the tests
HOOKS = """defmodule A do
defmacro __using__(_) do
quote do
Module.register_attribute(__MODULE__, :steps, accumulate: true)
@before_compile A
end
end
defmacro __before_compile__(env), do: quote(do: def(steps, do: unquote(env.line)))
end"""
BESIDE = """defmodule AddTest do
use ExUnit.Case
defmodule B do
use A
end
{}
describe "x" do
{}
test "a", do: assert B.steps()
end
end"""


def problem(language: str) -> Problem:
    return Problem("p", language, "", (), TESTS[language], "")  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["elixir", "erlang"])
def test_screen(language: str) -> None:
    if (reason := missing("elixir")) is not None:
        pytest.skip(str(reason))
    bad, good = (
        (ELIXIR_FLAGGED, ELIXIR_CLEAN) if language == "elixir" else (ERLANG_FLAGGED, ERLANG_CLEAN)
    )
    ours = {one.reference: one.id for one in load_problems(PROBLEMS) if one.language == language}
    slot = Slot(Book(), threading.Event(), run_limits())
    try:
        said = {
            text: slot.screen(problem(language), program(language, text))
            for text in [*bad, *good, *ours]
        }
    finally:
        slot.close()
    assert not [text for text in bad if not said[text]]
    assert not {text: said[text] for text in good if said[text]}
    flagged = {name: said[text] for text, name in ours.items() if said[text]}
    assert flagged == (ASKED_FOR if language == "elixir" else {})


def test_hooks_are_for_modules_beside_the_tests() -> None:
    if (reason := missing("elixir")) is not None:
        pytest.skip(str(reason))
    slot = Slot(Book(), threading.Event(), run_limits())
    places = [("", ""), ("use A", ""), ("A.made()", ""), ("made()", ""), ("", "made 1")]
    try:
        said = [
            bool(slot.screen(replace(problem("elixir"), tests=BESIDE.format(*one)),
                             program("elixir", HOOKS)))
            for one in places
        ]  # fmt: skip
    finally:
        slot.close()
    assert said == [False, True, True, True, True]


LEAKING = [
    "a} =:= {a} orelse {x",
    "true orelse 1",
    "1, 2",
    "f(",
    "1)",
    "catch f()",
    "fun() -> 1",
    "X__X",
    "Wanted",
    "{ok, X__V}",
    "begin fun(W) -> W end, W end",
    "[W || W <- [W]]",
]
CLOSED = [
    "", "out", "7 * 2", "fun(X) -> X end", "fun F(X) -> F(X) end", "fun lists:sort/1", '"text"',
    "?OUT", "?LINE + 1", "(true orelse false)", "#{a => 1}", "<<1:8, 2/binary>>", "[1 | f(_)]",
]  # fmt: skip
OF_PARAMETERS = [
    "A * 7 + B", "{a, [1 | B]}", "(A orelse B)", "case A of 1 -> true; _ -> A =:= 2 end",
    "fun() -> {A, B} end", "<<A:8, B/binary>>",
]  # fmt: skip


def test_macros_of_a_header_end_where_they_end() -> None:
    """``{?TAG, 1}`` of a test stays a pair, ``?TAG + 1`` a sum; no macro sees its variables."""
    if (reason := missing("erlang")) is not None:
        pytest.skip(str(reason))
    slot = Slot(Book(), threading.Event(), run_limits())
    own = '-module(a).\n-include("a.hrl").\n-define(SMALL(X), X > 0, X < 9).\nf() -> ?TAG.'
    try:
        said = {
            (head, body): slot.screen(
                problem("erlang"),
                program("erlang", {"a.erl": own, "a.hrl": f"-define({head}, {body}).\n"}),
            )
            for head in ("TAG", "TAG(A, B)")
            for body in (*LEAKING, *CLOSED, *OF_PARAMETERS)
        }
    finally:
        slot.close()
    for head, reaches in (("TAG", [*LEAKING, *OF_PARAMETERS]), ("TAG(A, B)", LEAKING)):
        assert {body for (of, body), words in said.items() if of == head and words} == set(reaches)
