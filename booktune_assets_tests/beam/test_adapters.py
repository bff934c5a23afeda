"""Problems of other benchmarks come in whole, are mended where that is known, or are named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from booktune_assets.beam.adapters import import_problems, references_jsonl
from booktune_assets.beam.grammar import parses
from booktune_assets.beam.imported import interface_of
from booktune_assets.beam.problems import Problem
from booktune_assets.beam.reserved import RESERVED
from booktune_assets.beam.runner import judge, judge_many, missing
from booktune_assets.errors import BookError

TESTS = """ExUnit.start()

defmodule HumanEvalTest do
  use ExUnit.Case, async: true
  test "{name}" do
    functions = HumanEval.__info__(:functions)
    {{function_name, arity}} = Enum.find(functions, fn {{name, _arity}} -> name == :{name} end)
    candidate = fn args -> apply(HumanEval, {mark}{name}, args) end
{asserts}
  end
end
"""


def record(
    name: str, args: str, *asserts: str, asked: str = "", mark: str = ":"
) -> dict[str, object]:
    lines = "\n".join(f"    assert {one}" for one in asserts)
    return {
        "name": f"Made_0_{name}",
        "language": "elixir",
        "prompt": f"# Adds things up.\n\ndefmodule HumanEval do\n  def {name}({args}) do\n",
        "tests": TESTS.format(name=asked or name, asserts=lines, mark=mark),
        "stop_tokens": ["\ndefmodule", "\ndefp"],
        "doctests": "transform",
    }


def read(tmp_path: Path, *records: object):
    path = tmp_path / "made-elixir-reworded.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in records))
    return import_problems("multipl-e", tmp_path)


def test_a_whole_record(tmp_path: Path) -> None:
    found = read(tmp_path, record("plus", "left, right", "3 == candidate.([1, [2]])"))
    (one,) = found.problems
    assert (one.id, one.language, one.test_count) == ("Made_0_plus", "elixir", 1)
    assert one.interface == ("HumanEval.plus/2",)
    assert (one.use, one.source) == ("eval_only", "MultiPL-E")
    assert "def plus(left, right) do" in one.prompt
    assert "ExUnit.start" not in one.tests and "__info__" not in one.tests
    assert "apply(HumanEval, :plus, args)" in one.tests
    assert not found.mended and not found.skipped


@pytest.mark.parametrize(
    ("made", "interface", "head", "said"),
    [
        (
            record("plus", ", ".join("left, right"), "3 == candidate.([1, 2])"),
            "HumanEval.plus/2", "def plus(left, right) do", "split into letters",
        ),
        (
            record("size", ", ".join("list"), "3 == candidate.([[1, 2, 3]])"),
            "HumanEval.size/1", "def size(list) do", "split into letters",
        ),
        (
            record("plus", ", ".join("x, y"), "3 == candidate.([1, 2])"),
            "HumanEval.plus/2", "def plus(x, y) do", "split into letters",
        ),
        (
            record("plus", "a, b", "3 == candidate.([1, 2])", mark=""),
            "HumanEval.plus/2", "def plus(a, b) do", "without a colon",
        ),
        (
            record("times", "n, N", "2 == candidate.([1, 2])"),
            None, "", "no names",
        ),
        (
            record("times", "X, N", "2 == candidate.([1, 2])"),
            "HumanEval.times/2", "def times(x, n) do", "began with a capital",
        ),
        (
            record("Find_Max", "list", "2 == candidate.([[1, 2]])"),
            "HumanEval.find_Max/1", "def find_Max(list) do", "function Find_Max",
        ),
        (
            record("span", "start, end, not", "2 == candidate.([1, 2, 3])"),
            "HumanEval.span/3", "def span(start, end_, not_) do", "arguments were reserved words",
        ),
        (
            record("span", "End, end_, _", "2 == candidate.([1, 2, 3])"),
            "HumanEval.span/3", "def span(end__, end_, unnamed) do", "arguments were reserved",
        ),
        (
            record("and", "a, b", "true == candidate.([1, 2])"),
            "HumanEval.and_/2", "def and_(a, b) do", "name and is a reserved word",
        ),
        (
            record("tiny", "n", "1e-05 == candidate.([3])"),
            "HumanEval.tiny/1", "def tiny(n) do", "no point",
        ),
        (
            record("text", "n", '"#{n} is" == candidate.([3])'),
            "HumanEval.text/1", "def text(n) do", "interpolation",
        ),
        (record("text", "n", '"say "no"" == candidate.([3])'), None, "", "do not parse"),
        (record("plus", "one, two", "3 == candidate.([1])"), None, "", "1 arguments"),
        (record("plus", "a", "3 == candidate.([1])", asked="minus"), None, "", "minus"),
        (record("plus", "a") | {"language": "rust"}, None, "", "not Elixir"),
        (record("plus", "a") | {"prompt": "# nothing"}, None, "", "nothing"),
        (record("plus", "a") | {"tests": None}, None, "", "no tests"),
    ],
)  # fmt: skip
def test_what_is_broken_is_mended_or_named(
    tmp_path: Path, made: dict[str, object], interface: str | None, head: str, said: str
) -> None:
    found = read(tmp_path, made)
    if interface is None:
        assert not found.problems
        assert said in found.skipped[str(made["name"])]
        return
    (one,) = found.problems
    assert one.interface == (interface,)
    assert head in one.prompt
    assert said in found.mended[one.id]
    assert parses(one.tests, "elixir")


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("HumanEval.plus(1, 2)", "HumanEval.plus(1, 2)"),
        ("HumanEval.candidate(1, 2)", "HumanEval.plus(1, 2)"),
        ("apply(HumanEval, :plus, [1, 2])", "apply(HumanEval, :plus, [1, 2])"),
        ("apply(HumanEval, plus, [1, 2])", "apply(HumanEval, :plus, [1, 2])"),
    ],
)
def test_calls_of_other_translators(tmp_path: Path, call: str, told: str) -> None:
    made = record("plus", "left, right")
    made["tests"] = f"""ExUnit.start()

defmodule HumanEvalTest do
  use ExUnit.Case, async: true
  test "plus" do
    assert {call} == 3
  end
end
"""
    found = read(tmp_path, made)
    (one,) = found.problems
    assert one.interface == ("HumanEval.plus/2",) and f"assert {told} == 3" in one.tests
    assert bool(found.mended) == ("HumanEval, plus" in call)
    made["tests"] = str(made["tests"]).replace(call, "plus(1, 2)")
    found = read(tmp_path, made)
    assert not found.problems and "no function as one of" in found.skipped["Made_0_plus"]


@pytest.mark.parametrize("word", sorted(RESERVED["elixir"] - {"_"}))
def test_a_reserved_word_can_be_completed(tmp_path: Path, word: str) -> None:
    """As a function's name, and as an argument's; the whole file parses."""
    for made in (
        record(word, "n", "1 == candidate.([1])"),
        record("same", f"a, {word}, c", "1 == candidate.([1, 2, 3])"),
    ):
        (one,) = read(tmp_path, made).problems
        name = one.interface[0].removeprefix("HumanEval.").split("/")[0]
        head = next(line for line in one.prompt.split("\n") if line.strip().startswith("def "))
        assert parses(f"defmodule HumanEval do\n{head}\n1\nend\nend\n", "elixir"), head
        assert f"apply(HumanEval, :{name}, args)" in one.tests


def test_reserved_words_are_those_of_the_compiler() -> None:
    """Each word here is refused, and names that only look it are not."""
    if (reason := missing("elixir")) is not None:
        pytest.skip(str(reason))
    refused = RESERVED["elixir"] - {"_", "unquote"}
    tests = 'defmodule ATest do\nuse ExUnit.Case\ntest "a", do: assert A.f(1) == 1\nend'
    names = [*sorted(refused), "case", "receive", "of", "begin", "super", "cond", "try", "fun"]
    jobs = [
        (Problem(f"p{n}", "elixir", "", ("A.f/1",), tests, ""),
         f"defmodule A do\ndef f({name}), do: {name}\nend")
        for n, name in enumerate(names)
    ]  # fmt: skip
    found = judge_many(jobs)
    passed = {name for name, one in zip(names, found, strict=True) if one.status == "pass"}
    assert passed == set(names) - refused


def test_four_letters_are_four_arguments(tmp_path: Path) -> None:
    found = read(tmp_path, record("mix", "a, b, c, d, e", "1 == candidate.([1, 2, 3, 4, 5])"))
    assert found.problems[0].interface == ("HumanEval.mix/5",)
    assert not found.mended


def test_odd_lines_stop_nothing(tmp_path: Path) -> None:
    (tmp_path / "torn.jsonl").write_text('{"name": \n\n[1]\n')
    (tmp_path / "bytes.jsonl").write_bytes(b"\xff\xfe")
    good = record("plus", "a", "3 == candidate.([1])")
    found = read(tmp_path, good, good)
    assert len(found.problems) == 1
    assert set(found.skipped) == {
        "torn.jsonl:1", "torn.jsonl:3", "bytes.jsonl", "made-elixir-reworded.jsonl:2",
    }  # fmt: skip


def test_mended_tests_judge(tmp_path: Path) -> None:
    if (reason := missing("elixir")) is not None:
        pytest.skip(str(reason))
    made = record(
        "Text", ", ".join("N, two"), '"#{1}" == candidate.([1.0e-05, []])', mark=""
    )  # fmt: skip
    (one,) = read(tmp_path, made).problems
    right = 'defmodule HumanEval do\n  def text(_n, []), do: "\\#{1}"\nend\n'
    assert judge(one, right).status == "pass"
    assert judge(one, right.replace("1", "2")).status == "fail"


def exercise(home: Path, files: dict[str, str], config: object = None) -> Path:
    named = {
        "files": {
            "solution": [name for name in files if name.startswith(("lib/", "src/"))],
            "test": [name for name in files if name.startswith("test/")],
            "example": [name for name in files if name.startswith(".meta/")],
        },
        "blurb": "Made for a test.",
    }
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    (home / ".meta").mkdir(parents=True, exist_ok=True)
    (home / ".meta" / "config.json").write_text(json.dumps(config or named))
    return home


ELIXIR = {
    "lib/tea_pot.ex": "defmodule TeaPot do\n  def pour(pot, cups \\\\ 1) do\n  end\nend\n",
    ".meta/example.ex": "defmodule TeaPot do\n  def new(n), do: n\n"
    "  def pour(pot, cups \\\\ 1), do: pot - cups\n  def unused(x), do: x\nend\n",
    "test/tea_pot_test.exs": "defmodule TeaPotTest do\n  use ExUnit.Case\n\n"
    '  test "one cup" do\n    assert 3 |> TeaPot.new() |> TeaPot.pour() == 2\n  end\n\n'
    '  @tag :pending\n  test "two cups" do\n    assert TeaPot.pour(3, 2) == 1\n  end\nend\n',
    ".docs/instructions.md": "# Instructions\n\nPour tea.\n",
    "mix.exs": 'def project do\n  [app: :tea_pot, elixir: "~> 1.10"]\nend\n',
}
ERLANG = {
    "src/tea_pot.erl": "-module(tea_pot).\n-export([pour/2]).\npour(_, _) -> undefined.\n",
    ".meta/example.erl": "-module(example).\n-export([pour/2, more/0]).\n"
    "pour(Pot, Cups) -> Pot - Cups.\nmore() -> 1.\n",
    "test/tea_pot_tests.erl": "-module(tea_pot_tests).\n"
    '-include_lib("erl_exercism/include/exercism.hrl").\n'
    '-include_lib("eunit/include/eunit.hrl").\n\n'
    "'1_one_cup_test_'() -> {\"one cup\", ?_assertEqual(2, tea_pot:pour(3, 1))}.\n"
    "two_cups_test() -> ?assertEqual(1, tea_pot:pour(3, 2)).\n",
}


def test_an_exercise_in_elixir(tmp_path: Path) -> None:
    (tmp_path / "LICENSE").write_text("MIT License\n\nCopyright\n")
    home = tmp_path / "exercises" / "practice" / "tea-pot"
    exercise(home, ELIXIR)
    (one,) = import_problems("exercism", tmp_path).problems
    assert (one.id, one.language, one.test_count) == ("elixir/tea-pot", "elixir", 2)
    assert one.interface == ("TeaPot.new/1", "TeaPot.pour/1", "TeaPot.pour/2")
    assert one.prompt.startswith("# Instructions\n\nPour tea.") and "TeaPot.new/1" in one.prompt
    assert (one.min_elixir, one.licence, one.use) == ("1.10", "MIT", "any")
    assert one.reference == ELIXIR[".meta/example.ex"]


def test_an_exercise_in_erlang(tmp_path: Path) -> None:
    exercise(tmp_path / "tea-pot", ERLANG)
    (one,) = import_problems("exercism", tmp_path / "tea-pot").problems
    assert (one.id, one.interface) == ("erlang/tea-pot", ("tea_pot:pour/2",))
    assert one.reference.startswith("-module(tea_pot).")
    assert "exercism.hrl" not in one.tests and "eunit.hrl" in one.tests
    assert one.test_count == 0  # a generator stands for tests that only a run can count
    assert one.licence == ""


@pytest.mark.parametrize("files", [ELIXIR, ERLANG])
def test_its_reference_passes(tmp_path: Path, files: dict[str, str]) -> None:
    exercise(tmp_path / "tea-pot", files)
    (one,) = import_problems("exercism", tmp_path).problems
    if (reason := missing(one.language)) is not None:
        pytest.skip(str(reason))
    verdict = judge(one, one.reference)
    assert (verdict.status, verdict.tests_run) == ("pass", 2)
    sign = one.reference.replace("ot - ", "ot + ")
    assert judge(one, sign).status == "fail"


def test_helpers_and_concept_exercises(tmp_path: Path) -> None:
    files = ELIXIR | {".meta/exemplar.ex": ELIXIR[".meta/example.ex"], "lib/cup.ex": "# a cup\n"}
    del files[".meta/example.ex"]
    config = {
        "files": {
            "solution": ["lib/tea_pot.ex"], "test": ["test/tea_pot_test.exs"],
            "exemplar": [".meta/exemplar.ex"], "editor": ["lib/cup.ex"],
        }
    }  # fmt: skip
    exercise(tmp_path / "tea", files, config)
    (one,) = import_problems("exercism", tmp_path).problems
    assert one.reference == ELIXIR[".meta/example.ex"]
    assert dict(one.files) == {"lib/cup.ex": "# a cup\n"}


def test_helpers_in_erlang(tmp_path: Path) -> None:
    files = {name: text for name, text in ERLANG.items() if not name.startswith(".meta")}
    files["src/example.erl"] = ERLANG[".meta/example.erl"] + "again() -> example:more().\n"
    files |= {"include/tea.hrl": "-define(TEA, 1).\n", "test/kettle.erl": "-module(kettle).\n"}
    tests = ["test/kettle.erl", "test/tea_pot_tests.erl"]
    home = exercise(tmp_path / "tea-pot", files, {"files": {"test": tests}})
    (home / "assets").mkdir()
    (home / "assets" / "cup.png").write_bytes(b"\x89PNG\xff")
    (one,) = import_problems("exercism", tmp_path).problems
    assert set(one.files) == {"test/kettle.erl", "tea.hrl"}
    assert one.tests.startswith("-module(tea_pot_tests).")
    assert "again() -> tea_pot:more()." in one.reference


def test_generated_tests_are_not_counted(tmp_path: Path) -> None:
    loop = ELIXIR["test/tea_pot_test.exs"].replace("  @tag", "  for n <- [1, 2] do\n  @tag")
    files = ELIXIR | {"test/tea_pot_test.exs": loop.replace("end\nend", "end\n  end\nend")}
    exercise(tmp_path / "tea-pot", files)
    (one,) = import_problems("exercism", tmp_path).problems
    assert one.test_count == 0


def test_old_configs_that_name_no_files(tmp_path: Path) -> None:
    config = {"files": {"solution": [], "test": [], "example": [".meta/example.erl"]}}
    exercise(tmp_path / "tea-pot", ERLANG, config)
    (one,) = import_problems("exercism", tmp_path).problems
    assert one.interface == ("tea_pot:pour/2",)


def test_without_an_example_the_stub_tells_the_interface(tmp_path: Path) -> None:
    files = {name: text for name, text in ERLANG.items() if not name.startswith(".meta")}
    exercise(tmp_path / "tea-pot", files)
    (one,) = import_problems("exercism", tmp_path).problems
    assert (one.reference, one.interface) == ("", ("tea_pot:pour/2",))


def test_broken_exercises_are_named(tmp_path: Path) -> None:
    exercise(tmp_path / "good", ELIXIR)
    exercise(tmp_path / "no-tests", {"lib/a.ex": "defmodule A do\nend\n"})
    exercise(tmp_path / "no-files", {"a": ""}, {"blurb": "x"})
    exercise(tmp_path / "bare", {"test/a_test.exs": "defmodule ATest do\nend\n"})
    out = {"files": {"test": ["../good/test/tea_pot_test.exs"]}}
    exercise(tmp_path / "out", {"a": ""}, out)
    torn = exercise(tmp_path / "torn", ELIXIR)
    (torn / ".meta" / "config.json").write_text("{")
    odd = exercise(tmp_path / "odd", ELIXIR)
    (odd / "test" / "tea_pot_test.exs").write_bytes(b"\xff")
    gone = exercise(tmp_path / "gone", ELIXIR)
    (gone / "test" / "tea_pot_test.exs").unlink()
    found = import_problems("exercism", tmp_path)
    assert [one.id for one in found.problems] == ["elixir/good"]
    assert set(found.skipped) == {"no-tests", "no-files", "bare", "out", "torn", "odd", "gone"}
    assert found.skipped["no-tests"] == "it has no tests"
    assert "outside" in found.skipped["out"]
    assert "not to be seen" in found.skipped["bare"]


def test_interface_of_imports_and_macros() -> None:
    solution = "defmodule Shop.Till do\n  def pay(x), do: x\n  def open, do: 1\nend\n"
    tests = 'defmodule TillTest do\n  import Shop.Till\n  test "x" do\n    pay(1)\n  end\nend\n'
    assert interface_of(tests, solution, "elixir") == ("Shop.Till.pay/1",)
    assert interface_of("", solution, "elixir") == ("Shop.Till.open/0", "Shop.Till.pay/1")


def test_references_are_candidates(tmp_path: Path) -> None:
    exercise(tmp_path / "tea-pot", ELIXIR)
    found = import_problems("exercism", tmp_path)
    (line,) = references_jsonl(found.problems).splitlines()
    row = json.loads(line)
    assert row["problem_id"] == "elixir/tea-pot"
    assert row["source"] == ELIXIR[".meta/example.ex"]


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="NO_EXAMPLES"):
        import_problems("exercism", tmp_path)
    with pytest.raises(BookError, match="FILE_MISSING"):
        import_problems("multipl-e", tmp_path / "nowhere")
    with pytest.raises(BookError, match="BAD_SETTING"):
        import_problems("cobol", tmp_path)
