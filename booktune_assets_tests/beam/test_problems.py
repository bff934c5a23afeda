"""Problem files: folders, JSON and JSONL say the same, and what is broken is named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from booktune_assets.beam.adapters import format_of, import_problems
from booktune_assets.beam.problems import (
    Problem,
    each_problem,
    load_problems,
    problem_of,
    problems_digest,
    problems_jsonl,
)
from booktune_assets.errors import BookError, Code
from booktune_assets.pairs.benchmarks import load_benchmarks

ABOUT = """
language = "erlang"
interface = ["one:one/0"]
concepts = ["numbers"]
difficulty = 2
test_count = 1
short = true

[[mutants]]
fault = "two"
was = '''
one() -> 1.
'''
now = '''
one() -> 2.
'''
"""
WHOLE = Problem(
    id="one", language="erlang", prompt="Write `one`.", interface=("one:one/0",),
    tests="-module(one_tests).\n", reference="-module(one).\none() -> 1.\n",
    mutants=("-module(one).\none() -> 2.\n",), test_count=1, concepts=("numbers",), difficulty=2,
    files={"more/data.txt": "x\n"}, short=True,
)  # fmt: skip


def make(folder: Path, about: str = ABOUT) -> Path:
    home = folder / "one"
    (home / "files" / "more").mkdir(parents=True)
    (home / "problem.toml").write_text(about)
    (home / "statement.md").write_text("Write `one`.\n")
    (home / "reference.erl").write_text(WHOLE.reference)
    (home / "tests.erl").write_text(WHOLE.tests)
    (home / "files" / "more" / "data.txt").write_text("x\n")
    return folder


def test_a_folder_is_a_problem(tmp_path: Path) -> None:
    assert load_problems(make(tmp_path)) == [WHOLE]


def test_a_second_solution_may_lie_beside(tmp_path: Path) -> None:
    second = "-module(one).\none() -> 3 - 2.\n"
    (make(tmp_path) / "one" / "second.erl").write_text(second)
    found = load_problems(tmp_path)
    assert found == [replace(WHOLE, second=second)]
    (tmp_path / "all.jsonl").write_text(problems_jsonl(found))
    assert load_problems(tmp_path / "all.jsonl") == found


def test_records_and_folders_stand_together(tmp_path: Path) -> None:
    make(tmp_path)
    other = {
        "id": "a", "language": "elixir", "interface": ["A.a/0"], "tests": ["one", "two"],
        "use": "eval_only", "licence": "BSD", "min_elixir": "1.15",
    }  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps(other))
    found = load_problems(tmp_path)
    assert [one.id for one in found] == ["a", "one"]
    assert found[0].tests == "one\ntwo\n"
    assert (found[0].use, found[0].licence, found[0].min_elixir) == ("eval_only", "BSD", "1.15")


def test_jsonl_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    bare = Problem("bare", "elixir", "", ("A.a/0",), "tests", "", use="eval_only")
    path.write_text(problems_jsonl([WHOLE, bare]))
    assert load_problems(path) == [bare, WHOLE]
    assert "min_elixir" not in path.read_text()


def test_a_problem_can_be_a_key() -> None:
    assert hash(WHOLE) == hash(replace(WHOLE, files={}))


def test_the_digest_sees_every_file(tmp_path: Path) -> None:
    make(tmp_path)
    before = problems_digest(tmp_path)
    assert problems_digest(tmp_path) == before
    (tmp_path / "one" / "tests.erl").write_text("-module(other_tests).\n")
    assert problems_digest(tmp_path) != before
    file = tmp_path / "one" / "tests.erl"
    assert problems_digest(file) != problems_digest(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("one() -> 1.", "never() -> 1."), r"mutant 'two'.*stands 0 times"),
        (('"erlang"', '"cobol"'), "neither elixir nor erlang"),
        (('["one:one/0"]', '"one:one/0"'), "interface is not a list"),
        (("difficulty = 2", "difficulty = "), "Mend the problem"),
        (("short = true", 'use = "maybe"'), "maybe"),
    ],
)
def test_a_broken_folder_is_named(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    make(tmp_path, ABOUT.replace(*change))
    with pytest.raises(BookError, match=said) as caught:
        load_problems(tmp_path)
    assert caught.value.code == "BAD_ROW"
    assert "one" in str(caught.value)


def test_a_file_of_a_folder_is_missing(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "one" / "tests.erl").unlink()
    with pytest.raises(BookError, match=r"FILE_MISSING.*tests\.erl"):
        load_problems(tmp_path)


@pytest.mark.parametrize("line", ["{", "[]", "3", '{"id": "a", "language": "elixir"}'])
def test_broken_records_are_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_text("\n" + line)
    with pytest.raises(BookError, match=r"BAD_ROW.*broken\.jsonl"):
        load_problems(path)


def test_what_is_no_utf_8_is_named_by_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.jsonl"
    whole = problems_jsonl([WHOLE]).encode()
    path.write_bytes(whole + whole.replace(b'"one"', b'"\xe9"') + whole)
    with pytest.raises(BookError, match=r"BAD_ROW.*Save the file as UTF-8") as caught:
        load_problems(path)
    assert caught.value.where == {"path": path, "record": 2}
    good, bad, last = each_problem(path)
    assert (good[1], last[1]) == (WHOLE, WHOLE)
    assert bad[0] == "latin.jsonl:2" and "utf-8" in str(bad[1])
    path.write_bytes(b"\xef\xbb\xbf" + whole)  # a byte order mark, as `beam run` takes it
    assert load_problems(path) == [WHOLE]


def test_an_interface_may_be_empty_but_has_to_be_said(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    open_ = replace(WHOLE, interface=())
    path.write_text(problems_jsonl([open_]))
    assert load_problems(path) == [open_]
    path.write_text(path.read_text().replace('"interface": [], ', ""))
    with pytest.raises(BookError, match="missing: interface"):
        load_problems(path)


def test_other_breaks(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="FILE_MISSING"):
        load_problems(tmp_path / "nowhere.json")
    path = tmp_path / "twice.jsonl"
    path.write_text(problems_jsonl([WHOLE, WHOLE]))
    with pytest.raises(BookError, match="its own id"):
        load_problems(path)


def test_a_record_has_to_be_an_object() -> None:
    with pytest.raises(ValueError, match="object"):
        problem_of(["id"])


@pytest.mark.parametrize("form", ["multipl-e", "mceval", "exercism-cases", "booktune"])
def test_a_line_that_is_nested_too_deep_is_one_that_is_left_out(tmp_path: Path, form: str) -> None:
    """Python's reader gives up with an error of its own kind; no reader may end by it."""
    file = tmp_path / "deep.jsonl"
    file.write_text("[" * 20_000 + "]" * 20_000 + "\n")
    assert format_of(file) == "booktune"
    found = import_problems(form, file)
    assert not found.problems and list(found.skipped) == ["deep.jsonl:1"]
    with pytest.raises(BookError) as caught:
        load_benchmarks([file], own=tmp_path / "none")
    assert caught.value.code is Code.BAD_ROW
    with pytest.raises(BookError) as caught:
        load_problems(file)
    assert caught.value.code is Code.BAD_ROW
