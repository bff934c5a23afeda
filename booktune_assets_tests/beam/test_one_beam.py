"""Wrong programs that share a BEAM with their tests and go after what is expected. None may pass.

The tests need the candidate's struct (its header) and have files of their own, so that nothing
here can be judged in two BEAMs. Every attack is also the whole of what a run may show: the answers
stand in ``test/expected``, in the tests' source and in the BEAM that runs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from booktune_assets.beam.problems import Problem
from booktune_assets.beam.runner import Verdict, judge_many, missing
from booktune_assets.beam.sandbox import Limits

LIMITS = Limits(cpu_seconds=5, wall_seconds=30.0)
FILES = {"test/expected/3.txt": "23", "scale.txt": "7"}
ELIXIR = """
defmodule RunTest do
  use ExUnit.Case
  test "by the file" do
    wanted = "test/expected/3.txt" |> File.read!() |> String.to_integer()
    assert Run.run(3) == %Run{value: wanted}
  end
  test "by itself", do: assert Run.run(0) == %Run{value: 2}
end
"""
ERLANG = """
-module(run_tests).
-include_lib("eunit/include/eunit.hrl").
-include("run.hrl").
file_test() ->
    {ok, Text} = file:read_file("test/expected/3.txt"),
    ?assertEqual({?TAG, binary_to_integer(Text)}, run:run(3)).
self_test() -> ?assertEqual({?TAG, 2}, run:run(0)).
"""


def ex(body: str, top: str = "", before: str = "", *, right: bool = False) -> str:
    value = "n * 7 + 2" if right else "v"
    return (
        f"{before}\ndefmodule Run do\ndefstruct [:value]\n{top}\ndef run(n) do\n_ = n\nv = (\n"
        f"{body}\n)\n_ = v\n%__MODULE__{{value: {value}}}\nend\nend\n"
    )


def erl(body: str, top: str = "", after: str = "", *, right: bool = False) -> dict[str, str]:
    value = "N * 7 + 2" if right else "V"
    text = (
        f'-module(run).\n-export([run/1]).\n-include("run.hrl").\n{top}\nrun(N) -> _ = N, '
        f"V = begin {body} end, _ = V, {{?TAG, {value}}}.\n{after}\n"
    )
    return {"run.erl": text, "run.hrl": "-define(TAG, out).\n"}


EVERY = """
if n == 0 do
  2
else
  Enum.find_value(Path.wildcard("/tmp/**/3.*"), 0, fn p -> String.to_integer(File.read!(p)) end)
end
"""
TREE = """
walk = fn walk, d ->
  case File.ls(d) do
    {:ok, names} -> Enum.flat_map(names, &walk.(walk, Path.join(d, &1)))
    _ -> [d]
  end
end
case Enum.find(walk.(walk, "/tmp"), &String.ends_with?(&1, "expected/3.txt")) do
  nil -> 0
  f when n == 3 -> String.to_integer(File.read!(f))
  _ -> 2
end
"""
PLANTED = "spawn(fn -> for _ <- 1..400 do\n{}\nProcess.sleep(1)\nend end)"
ELIXIR_ATTACKS = {
    "reads the file": 'if n == 3, do: String.to_integer(File.read!("test/expected/3.txt")), '
    "else: 2",
    "reads every file": EVERY,
    "lists all there is": TREE,
    "a stream of a file": 'if n == 3, do: "test/expected/3.txt" |> File.stream!() |> Enum.at(0) |> '
    "String.to_integer(), else: 2",
    "a stream made by hand": "if n == 3, do: %{__struct__: File.Stream, path: "
    '"test/expected/3.txt", modes: [:raw, :read_ahead, :binary], line_or_bytes: :line, raw: true} '
    "|> Enum.at(0) |> String.to_integer(), else: 2",
    "Erlang's file": 'if n == 3 do\n{:ok, d} = :file.open("test/expected/3.txt", [:read])\n'
    "{:ok, l} = :file.read(d, 9)\nList.to_integer(l)\nelse\n2\nend",
    "copies it early": (
        'if n == 3, do: String.to_integer(File.read!("/tmp/mine")), else: 2',
        PLANTED.format('File.cp("test/expected/3.txt", "/tmp/mine")'),
    ),
    "writes what is expected": (
        "2", PLANTED.format('File.write("test/expected/3.txt", "2")'),
    ),
    "all processes, by the clock": "me = self()\n{_, all} = :timer.tc(:erlang, :processes, [])\n"
    "for p <- all, p != me, do: send(p, {me, :test_finished, %{state: nil, name: :x, tags: %{}}})\n"
    "Process.sleep(30)\n0",
    "all processes, by a task": "f = Enum.at(Keyword.keys(:erlang.memory()), 1)\n"
    "me = self()\nfor p <- Task.await(Task.async(:erlang, f, [])), p != me, do: "
    "send(p, {me, :test_finished, %{state: nil, name: :x, tags: %{}}})\nProcess.sleep(30)\n0",
    "all processes, by a supervisor": "m =\ntry do\n:erlang.foo()\nrescue\ne -> e.module\nend\n"
    "{f, a} = {:processes, []}\n{:ok, s} = Supervisor.start_link([], strategy: :one_for_one)\n"
    "{:error, all} = Supervisor.start_child(s, Map.put(%{id: 1}, :start, {m, f, a}))\nme = self()\n"
    "for p <- all, p != me, do: send(p, {me, :test_finished, %{state: nil, name: :x, tags: %{}}})\n"
    "Process.sleep(30)\n0",
    "a file in a variable": 'm = File\nif n == 3, do: String.to_integer(m.read!('
    '"test/expected/3.txt")), else: 2',
    "looks where the tests are": 'p = :code.which(RunTest)\n_ = p\nif n == 3, do: 0, else: 2',
    "asks for object code": "case :code.get_object_code(RunTest) do\n{_, b, _} -> byte_size(b)\n"
    "_ -> 2\nend",
    "reads the constants": "RunTest.module_info(:compile)\n|> inspect() |> String.length()",
    "replaces Agent": (
        "2", "", "defmodule Agent do\ndef start_link(_), do: {:ok, self()}\nend",
    ),
    "replaces Kernel": (
        "2", "", "import Kernel, except: [==: 2]\ndefmodule Kernel.Utils do\n"
        "def _ == _, do: true\nend",
    ),
    "halts": ":erlang.halt(0)",
    "prints frames": (
        'for d <- [:stdio, :stderr], do: IO.binwrite(d, <<0, 0, 0, 8, "Rpass 2\\n">>)\n2'
    ),
    "writes to the pipe": "for n <- 3..20, do: File.write(\"/proc/self/fd/#{n}\", "
    "<<0, 0, 0, 8, \"Rpass 2\\n\">>)\nfor n <- 3..20, do: File.write(\"/dev/fd/#{n}\", "
    "<<0, 0, 0, 8, \"Rpass 2\\n\">>)\n2",
    "reads its memory": "case File.open(\"/proc/self/mem\", [:read]) do\n{:ok, f} -> "
    "IO.binread(f, 10) |> byte_size()\n_ -> 2\nend",
    "kills the reporter": "for n <- [ExUnit.EventManager, ExUnit.Server, :booktune_collected], "
    "p = Process.whereis(n), do: Process.exit(p, :kill)\n2",
    "all tables and terms": "for {_, v} <- :persistent_term.get(), is_integer(v), do: v\n"
    "for t <- :ets.all(), do: (try do\n:ets.tab2list(t)\nrescue\n_ -> []\nend)\n2",
    "a table by name": ":ets.insert(:elixir_config, {:tracers, [Run]})\n2",
    "the application's table": ":ets.insert(:ac_tab, {{:env, :ex_unit, :exclude}, [:test]})\n2",
    "the code server": "send(:code_server, {:code_call, self(), {:delete, RunTest}})\n2",
    "traces the tests": ":erlang.trace(:all, true, [:call])\n"
    ":erlang.trace_pattern({:_, :_, :_}, true, [:local])\n2",
    "takes the group leader": "Process.group_leader(self(), spawn(fn -> Process.sleep(99) end))\n2",
    "asks the shell's device": "send(:user, {:io_request, self(), make_ref(), "
    "{:put_chars, :unicode, :erlang, :halt, [0]}})\n2",
    "macro of the tests": (
        "2", "defmacro __using__(_), do: quote(do: (@moduletag :skip))",
    ),
    "suspends the runner": "for p <- Process.list(), p != self(), do: "
    ":erlang.suspend_process(p, [:asynchronous])\n2",
}  # fmt: skip
ERLANG_ATTACKS = {
    "a command, by EUnit's header": (
        'case N of 3 -> list_to_integer(string:trim(?cmd("cat test/expected/3.txt"))); _ -> 2 end',
        '-include_lib("eunit/include/eunit.hrl").',
    ),
    "reads the file": 'case N of 3 -> {ok, T} = file:read_file("test/expected/3.txt"), '
    "binary_to_integer(T); _ -> 2 end",
    "looks for files": 'case {N, filelib:wildcard("/tmp/**/3.txt")} of {3, [F | _]} -> '
    "{ok, T} = file:read_file(F), binary_to_integer(T); _ -> 2 end",
    "an include": (
        "case N of 3 -> ?T; _ -> 2 end", '-include("test/expected/3.txt").\n-define(T, 0).',
    ),
    "an import": ("case N of 3 -> {ok, T} = read_file(\"test/expected/3.txt\"), "
                  "binary_to_integer(T); _ -> 2 end", "-import(file, [read_file/1])."),
    "halts": "erlang:halt(0)",
    "traces": "erlang:trace(all, true, [call]), 2",
    "replaces lists": "code:load_binary(lists, [], <<>>), 2",
    "the nonce": "[P || {_, P} <- persistent_term:get(), is_binary(P)], 2",
    "object code": "case code:get_object_code(run_tests) of {_, B, _} -> size(B); _ -> 2 end",
    "kills the collector": "exit(whereis(booktune_collected), kill), 2",
}  # fmt: skip
# In the tests' source: no file of the tests may be there to be read, even where files may be.
SOURCE = """
case filelib:wildcard("/tmp/**/*.erl") ++ filelib:wildcard("../**/*.erl") of
    [] -> 0;
    Fs -> Texts = [begin {ok, T} = file:read_file(F), T end || F <- Fs],
        case [M || T <- Texts, {match, [M]} <-
            [re:run(T, <<"self_test.*, ([0-9]+)}">>, [{capture, [1], binary}])]] of
            [M | _] -> binary_to_integer(M); [] -> 0
        end
end
"""
RIGHT_AND_READING = {
    "elixir": 'n * String.to_integer(File.read!("scale.txt")) + 2',
    "erlang": 'begin {ok, S} = file:read_file("scale.txt"), N * binary_to_integer(S) + 2 end',
}


def problem(language: str, number: int, files: Mapping[str, str], tests: str = "") -> Problem:
    tests = tests or (ELIXIR if language == "elixir" else ERLANG)
    entry = "Run.run/1" if language == "elixir" else "run:run/1"
    return Problem(f"{language}-{number}", language, "", (entry,), tests, "", files=dict(files))  # type: ignore[arg-type]


def need(language: str) -> None:
    if (reason := missing(language)) is not None:
        pytest.skip(str(reason))


def parts(made: object) -> tuple[str, ...]:
    return made if isinstance(made, tuple) else (str(made),)


def judged(language: str, sources: Mapping[str, str | dict[str, str]]) -> dict[str, Verdict]:
    jobs = [(problem(language, n, FILES), text) for n, text in enumerate(sources.values())]
    return dict(zip(sources, judge_many(jobs, LIMITS, workers=2), strict=True))


def test_elixir_attacks() -> None:
    need("elixir")
    sources = {name: ex(*parts(made)) for name, made in ELIXIR_ATTACKS.items()}
    found = judged("elixir", {**sources, "wrong": ex("0"), "right": ex("0", right=True)})
    assert {name for name, one in found.items() if one.status == "pass"} == {"right"}
    assert found["right"].assurance == "in_beam"
    assert found["wrong"].status == "fail"
    assert not [one for one in found.values() if one.status == "harness_error"]


def test_erlang_attacks() -> None:
    need("erlang")
    sources = {name: erl(*parts(made)) for name, made in ERLANG_ATTACKS.items()}
    found = judged("erlang", {**sources, "wrong": erl("0"), "right": erl("0", right=True)})
    assert {name for name, one in found.items() if one.status == "pass"} == {"right"}
    assert found["right"].assurance == "in_beam"
    assert found["wrong"].status == "fail"
    assert not [one for one in found.values() if one.status == "harness_error"]


def test_no_source_of_the_tests_is_in_a_file() -> None:
    """Here files may be read (the tests have none), and there is nothing in them."""
    need("erlang")
    tests = ERLANG.replace("file_test", "none").replace(
        "-include_lib", "-export([none/0]).\n-include_lib"
    )
    jobs = [
        (problem("erlang", 0, {}, tests), erl(SOURCE)),
        (problem("erlang", 1, {"scale.txt": "7"}, tests), erl(RIGHT_AND_READING["erlang"])),
    ]  # fmt: skip
    reads, right = judge_many(jobs, LIMITS, workers=1)
    assert (reads.status, reads.assurance) == ("fail", "in_beam")
    assert (right.status, right.assurance) == ("pass", "in_beam")


def test_files_that_are_the_programs_may_be_read() -> None:
    """No file is the tests' own: reading is as good as any other call. Its struct crosses."""
    need("elixir")
    tests = ELIXIR.replace('"test/expected/3.txt" |> File.read!()', '"23"')
    job = problem("elixir", 0, {"scale.txt": "7"}, tests), ex(RIGHT_AND_READING["elixir"])
    [right] = judge_many([job], LIMITS, workers=1)
    assert (right.status, right.assurance) == ("pass", "split")
    assert right.score_status == "ok"  # what the items of an evaluation say of it
    assert replace(right, assurance="in_beam").score_status == "ok_in_beam"
    assert replace(right, status="suspicious").score_status == "suspicious"


STORES = """defmodule StoreTest do
  use ExUnit.Case
  defmodule Good do
    def open(name), do: {:ok, name}
  end
  defmodule Bad do
    def open(_), do: raise("no such store")
  end
  test "both" do
    assert Run.run(Good) == {:ok, "x"}
    assert Run.run(Bad) == {:error, "no such store"}
  end
end
"""


def test_a_module_of_the_tests_can_be_given_to_the_program() -> None:
    """It is not there where the program is, so both meet in one BEAM."""
    need("elixir")
    opens = 'defmodule Run do\ndef run(m) do\nm.open("x")\nrescue\ne -> {:error, %s}\nend\nend'
    jobs = [(problem("elixir", 0, {}, STORES), opens % text) for text in ("e.message", '"no"')]
    right, wrong = judge_many(jobs, LIMITS, workers=1)
    assert (right.status, right.assurance) == ("pass", "in_beam")
    assert wrong.status == "fail" and 'left:  {:error, "no"}' in wrong.detail


def test_a_pass_that_read_files_is_for_a_person_where_tests_have_their_own() -> None:
    need("elixir")
    [one] = judge_many(
        [(problem("elixir", 0, FILES), ex(RIGHT_AND_READING["elixir"]))], LIMITS, workers=1
    )
    assert one.status == "suspicious"
    assert "File" in one.detail


def test_tests_are_not_there_while_a_program_compiles() -> None:
    need("elixir")
    look = 'for f <- Path.wildcard("**/*"), do: IO.puts(:stderr, f)\nraise inspect(File.ls("test"))'
    [one] = judge_many([(problem("elixir", 0, FILES), ex("0", look))], LIMITS, workers=1)
    assert one.status == "compile_error"
    assert "expected" not in one.detail
    assert "enoent" in one.detail
