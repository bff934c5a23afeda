"""Problems whose answers cannot cross between two BEAMs: right passes, wrong fails, forged neither.

The answers are more than a frame holds, a compiled regular expression, a stream of a file: two
BEAMs can say nothing of them, and one BEAM has the last word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from booktune_assets.beam.problems import Problem
from booktune_assets.beam.runner import Verdict, judge_many, missing
from booktune_assets.beam.sandbox import Limits
from booktune_assets.evaluation.passk import countable

LIMITS = Limits(cpu_seconds=8, wall_seconds=60.0)
BIG = """
defmodule RunTest do
  use ExUnit.Case
  test "long", do: assert Run.long(9) == String.duplicate("ab", 9_000_000)
  test "short", do: assert Run.long(0) == ""
end
"""
BIG_ERLANG = """
-module(run_tests).
-include_lib("eunit/include/eunit.hrl").
long_test() -> ?assertEqual(binary:copy(<<"ab">>, 9000000), run:long(9)).
short_test() -> ?assertEqual(<<>>, run:long(0)).
"""
LINES = """
defmodule RunTest do
  use ExUnit.Case
  test "lines" do
    File.write!("/tmp/list.txt", "a\\nb\\nc\\n")
    assert Enum.map(Run.lines("/tmp/list.txt"), &String.trim/1) == ["a", "b", "c"]
  end
end
"""
PATTERN = """
-module(run_tests).
-include_lib("eunit/include/eunit.hrl").
digits_test() ->
    ?assertEqual({match, [{1, 2}]}, re:run("a12b", run:pattern())),
    ?assertEqual(nomatch, re:run("ab", run:pattern())).
"""


def ex(body: str, top: str = "") -> str:
    return f"defmodule Run do\n{top}\ndef long(n) do\n_ = n\n{body}\nend\nend\n"


def erl(body: str, top: str = "", after: str = "") -> str:
    return f"-module(run).\n-export([long/1]).\n{top}\nlong(N) -> _ = N, {body}.\n{after}\n"


def lines(body: str) -> str:
    return f"defmodule Run do\ndef lines(path), do: {body}\nend\n"


def pattern(text: str) -> str:
    head = "-module(run).\n-export([pattern/0]).\n"
    return f'{head}pattern() -> {{ok, P}} = re:compile("{text}"), P.\n'


LISTED = '(_ = path; ["a", "b", "c"])'
RIGHT = 'String.duplicate("ab", n * 1_000_000)'
RIGHT_ERLANG = 'binary:copy(<<"ab">>, N * 1000000)'
PROBLEMS = {
    "big": Problem("big", "elixir", "", ("Run.long/1",), BIG, ex(RIGHT)),
    "lines": Problem("lines", "elixir", "", ("Run.lines/1",), LINES, lines("File.stream!(path)")),
    "big_erl": Problem("big_erl", "erlang", "", ("run:long/1",), BIG_ERLANG, erl(RIGHT_ERLANG)),
    "pattern": Problem("pattern", "erlang", "", ("run:pattern/0",), PATTERN, pattern("[0-9]+")),
}
WRONG = [
    ("big", ex('String.duplicate("ba", n * 1_000_000)')),
    ("big", ex('if n == 0, do: "x", else: String.duplicate("ab", n * 1_000_000)')),
    ("lines", lines("Stream.drop(File.stream!(path), 1)")),
    ("big_erl", erl('binary:copy(<<"ba">>, N * 1000000)')),
    ("big_erl", erl('binary:copy(<<"ab">>, (N + 1) * 1000000)')),
    ("pattern", pattern("[0-9]")),
]
# each with an answer that cannot cross, so that it is judged beside its tests
FORGED = {
    "equal": ex('String.duplicate("x", 20_000_000)', "def _ == _, do: true"),
    "assertions": ex('String.duplicate("x", 20_000_000)')
    + "defmodule ExUnit.Assertions do\ndefmacro assert(_), do: true\nend\n",
    "runner": ex('''Code.compiler_options(ignore_module_conflict: true)
Code.eval_string("defmodule ExUnit.Runner do\\ndef run(_, _), do: %{total: 2, failures: 0, \\
excluded: 0, skipped: 0}\\nend")
String.duplicate("x", 20_000_000)'''),
    "assertion error": ex('''Code.eval_string("defmodule ExUnit.AssertionError do\\n\\
defexception [:message, :left, :right, :expr, :args, :doctest, :context]\\nend")
String.duplicate("x", 20_000_000)'''),
    "halt": ex('if n > 0, do: System.halt(0)\nString.duplicate("x", 20_000_000)'),
    "at exit": ex('System.at_exit(fn _ -> System.halt(0) end)\nString.duplicate("x", 20_000_000)'),
    "configure": ex('ExUnit.configure(exclude: [:test])\nString.duplicate("x", 20_000_000)'),
    "printed": ex('IO.puts("2 tests, 0 failures")\nString.duplicate("x", 20_000_000)'),
    "messages": ex('''for p <- Process.list(), do: send(p, {:test_finished, %{state: nil}})
String.duplicate("x", 20_000_000)'''),
    "throw": ex('if n > 0, do: throw(:ok)\nString.duplicate("x", 20_000_000)'),
    "stop": ex("""if n > 0, do: exit(:normal)
String.duplicate("x", 20_000_000)"""),
    "dictionary": ex('''{:dictionary, d} = Process.info(self(), :dictionary)
IO.inspect(d)
String.duplicate(to_string(length(d)), 20_000_000)'''),
    "source": ex('''text = Enum.find_value(Path.wildcard("/tmp/**/tests.exs"), "", &File.read!/1)
if n > 0 and text =~ "duplicate", do: elem(Code.eval_string("String.duplicate(\\"ab\\", \\
9_000_000)"), 0), else: ""'''),
    "replaced": ex('''spawn(fn -> Process.sleep(1)
:code.purge(RunTest)
:code.delete(RunTest) end)
String.duplicate("x", 20_000_000)'''),
    "collector": ex('''for p <- Process.list(), p != self(), do: Process.exit(p, :kill)
String.duplicate("x", 20_000_000)'''),
    "port": ex('''for p <- Port.list(), do: send(p, {self(), {:command, "R pass 2"}})
String.duplicate("x", 20_000_000)'''),
    "persistent": ex('''for {k, _} <- :persistent_term.get(), do: :persistent_term.put(k, :pass)
String.duplicate("x", 20_000_000)'''),
    "erl module": erl("binary:copy(<<\"x\">>, 20000000)", "-on_load(go/0).", '''
go() -> {ok, M, B} = compile:forms([{attribute, 1, module, eunit_test},
    {attribute, 1, export, [{function_wrapper, 2}]},
    {function, 1, function_wrapper, 2, [{clause, 1, [{var, 1, '_'}, {var, 1, '_'}], [],
    [{'fun', 1, {clauses, [{clause, 1, [], [], [{atom, 1, ok}]}]}}]}]}]),
    code:load_binary(M, "x", B), ok.'''),
    "erl halt": erl('N > 0 andalso halt(0), binary:copy(<<"x">>, 20000000)'),
    "erl stop": erl('N > 0 andalso init:stop(), binary:copy(<<"x">>, 20000000)'),
    "erl exit": erl('N > 0 andalso exit(normal), binary:copy(<<"x">>, 20000000)'),
    "erl throw": erl('N > 0 andalso throw(ok), binary:copy(<<"x">>, 20000000)'),
    "erl messages": erl('[P ! {result, ok} || P <- processes()], binary:copy(<<"x">>, 20000000)'),
    "erl kill": erl('[exit(P, kill) || P <- processes(), P =/= self()], '
                    'binary:copy(<<"x">>, 20000000)'),
    "erl ports": erl('[catch port_command(P, "R pass 2") || P <- erlang:ports()], '
                     'binary:copy(<<"x">>, 20000000)'),
    "erl printed": erl('io:format("All 2 tests passed.~n"), binary:copy(<<"x">>, 20000000)'),
    "erl unloaded": erl('spawn(fun() -> code:purge(run_tests), code:delete(run_tests) end), '
                        'binary:copy(<<"x">>, 20000000)'),
    "erl persistent": erl('[persistent_term:put(K, pass) || {K, _} <- persistent_term:get()], '
                          'binary:copy(<<"x">>, 20000000)'),
    "erl tables": erl('[catch ets:insert(T, {result, pass}) || T <- ets:all()], '
                      'binary:copy(<<"x">>, 20000000)'),
    "erl traced": erl('erlang:trace(all, true, [call]), binary:copy(<<"x">>, 20000000)'),
    "erl macro": erl('?assertEqual(1, 1), binary:copy(<<"x">>, 20000000)',
                     '-define(assertEqual(A, B), ok).'),
}  # fmt: skip


def judged(jobs: list[tuple[str, str]], problems: Mapping[str, Problem]) -> list[Verdict]:
    for language in ("elixir", "erlang"):
        if (reason := missing(language)) is not None:
            pytest.skip(str(reason))
    return judge_many([(problems[name], text) for name, text in jobs], LIMITS, workers=2)


@pytest.mark.parametrize("known", [True, False], ids=["with a reference", "without"])
def test_right_passes_and_wrong_fails(known: bool) -> None:
    problems = PROBLEMS
    if not known:
        problems = {name: replace(one, reference="") for name, one in PROBLEMS.items()}
    right = [(name, one.reference) for name, one in PROBLEMS.items()]
    found = judged(right + WRONG, problems)
    said = [(one.status, one.assurance) for one in found]
    assert said[: len(right)] == [("pass", "in_beam")] * len(right)
    assert said[len(right) :] == [("fail", "in_beam")] * len(WRONG)


def test_where_a_right_answer_crosses_none_passes_in_one_beam() -> None:
    """A list crosses; a stream of the file is right or wrong, but not where it chose to be."""
    listed = replace(PROBLEMS["lines"], reference=lines(LISTED))
    bodies = (LISTED, "File.stream!(path)", "Stream.drop(File.stream!(path), 1)")
    found = judged([("lines", lines(body)) for body in bodies], {"lines": listed})
    said = [(one.status, one.assurance) for one in found]
    assert said == [("pass", "split"), ("unsupported", "split"), ("fail", "in_beam")]


def test_a_problem_counts_by_what_fails_there() -> None:
    if (reason := missing("elixir") or missing("erlang")) is not None:
        pytest.skip(str(reason))
    problems = [replace(PROBLEMS[name], mutants=(text,)) for name, text in (WRONG[2], WRONG[5])]
    toothless = replace(PROBLEMS["pattern"], id="toothless", mutants=(pattern("[0-9]+?x*"),))
    found = countable([*problems, toothless])
    assert [found[one.id].counted for one in problems] == [True, True]


def test_no_forgery_passes() -> None:
    problems = {
        name: replace(PROBLEMS["big_erl" if name.startswith("erl ") else "big"], id=name)
        for name in FORGED
    }
    found = judged(list(FORGED.items()), problems)
    passed = [name for name, one in zip(FORGED, found, strict=True) if one.status == "pass"]
    assert not passed
    after = judged([("big", ex(RIGHT)), WRONG[0], ("big_erl", erl(RIGHT_ERLANG))], PROBLEMS)
    assert [one.status for one in after] == ["pass", "fail", "pass"]
