"""McEval-style records in both languages; solutions go on from prompts, and from both protocols."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from booktune_assets.beam.adapters import format_of, import_problems
from booktune_assets.beam.completions import begun_of, continued
from booktune_assets.beam.runner import judge, missing
from booktune_assets.errors import BookError

ELIXIR: dict[str, Any] = {
    "task_id": "Elixir/1",
    "prompt": "defmodule Doubler do\ndef double(n) do\n# Twice n.",
    "canonical_solution": "twice(n)\nend\n\ndefp twice(n), do: n * 2\nend",
    "test": "ExUnit.start()\ndefmodule DoublerTest do\nuse ExUnit.Case\n\n"
    'test "doubles" do\nassert Doubler.double(2) == 4\nend\nend',
    "entry_point": "double", "level": "middle",
}  # fmt: skip
ERLANG: dict[str, Any] = {
    "task_id": "Erlang/1",
    "prompt": "-module(doubler).\n-export([double/1, test/0]).\n\n% Twice N.\ndouble(N) ->",
    "canonical_solution": "N * 2.",
    "test": "test() ->\n4 = double(2),\n0 = double(0),\nok.",
    "entry_point": "double", "level": "easy",
}  # fmt: skip


def written(tmp_path: Path, *records: object) -> Path:
    path = tmp_path / "some.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in records))
    return path


def test_whole_records(tmp_path: Path) -> None:
    path = written(tmp_path, ELIXIR, ERLANG)
    assert format_of(path) == "mceval"
    elixir, erlang = import_problems("mceval", path).problems
    assert (elixir.id, elixir.language, elixir.interface) == (
        "Elixir/1", "elixir", ("Doubler.double/1",),
    )  # fmt: skip
    assert (elixir.difficulty, elixir.test_count, elixir.use) == (3, 1, "eval_only")
    assert "ExUnit.start" not in elixir.tests
    assert erlang.interface == ("doubler:double/1",)
    assert "test/0" not in erlang.prompt and "test/0" not in erlang.reference
    assert "double(A0) -> doubler:double(A0)." in erlang.tests


@pytest.mark.parametrize("record", [ELIXIR, ERLANG])
def test_both_protocols_tell_right_from_wrong(tmp_path: Path, record: dict[str, Any]) -> None:
    found = import_problems("mceval", written(tmp_path, record))
    (one,), solution = found.problems, record["canonical_solution"]
    if (reason := missing(one.language)) is not None:
        pytest.skip(str(reason))
    for wrong, status in ((solution, "pass"), (solution.replace("* 2", "* 3"), "fail")):
        whole = continued(found.begun[one.id], f"{wrong}\n\nThat was easy.", one.language)
        assert judge(one, whole).status == status
    assert judge(one, one.reference).status == "pass"


def test_an_end_that_no_stop_word_took_is_missed(tmp_path: Path) -> None:
    (one,) = (found := import_problems("mceval", written(tmp_path, ELIXIR))).problems
    begun = found.begun[one.id]
    assert continued(begun, "n * 2\nend\nend\n", "elixir").count("end") == 2
    assert continued(begun, "n * 2\nend\n", "elixir").count("end") == 1
    ours = begun_of(one)  # its stop word is the end itself
    assert "\nend\n" in ours.stop
    assert continued(ours, "  def double(n), do: n * 2", "elixir").rstrip().endswith("end")


def test_broken_records_are_named(tmp_path: Path) -> None:
    path = written(
        tmp_path, [1], ELIXIR, ELIXIR, ELIXIR | {"task_id": "Elixir/2", "test": " "},
        ELIXIR | {"task_id": "AWK/1"}, ERLANG | {"prompt": "double(N) ->"},
        ELIXIR | {"task_id": "Elixir/3", "test": "defmodule A do"},
        ERLANG | {"task_id": "Erlang/2", "test": "main() -> ok."},
    )  # fmt: skip
    with path.open("ab") as file:
        file.write(b"\n\xff{\n")
    found = import_problems("mceval", path)
    assert [one.id for one in found.problems] == ["Elixir/1"]
    assert set(found.skipped) == {
        "some.jsonl:1", "some.jsonl:3", "Elixir/2", "AWK/1", "Erlang/1", "Elixir/3", "Erlang/2",
        "some.jsonl:9",
    }  # fmt: skip
    assert "parse" in found.skipped["Elixir/3"] and "test/0" in found.skipped["Erlang/2"]


def test_any_problem_can_be_gone_on_from(tmp_path: Path) -> None:
    elixir, erlang = import_problems("mceval", written(tmp_path, ELIXIR, ERLANG)).problems
    begun = begun_of(elixir)
    assert begun.text.endswith("# ```\ndefmodule Doubler do\n") and begun.stop == ("\nend\n",)
    whole = continued(begun, "  def double(n), do: n * 2", "elixir")
    assert whole.endswith("def double(n), do: n * 2\nend\n")
    assert continued(begun, "  def double(", "elixir").endswith("double(")
    assert continued(begun, " \n", "elixir") == ""
    more = "double(N) -> N * 2.\n\nI hope this helps you"
    shown = continued(begun_of(erlang), more, "erlang")
    assert shown.startswith("-module(doubler).") and "hope" not in shown
    for problem, program in ((elixir, whole), (erlang, shown)):
        if missing(problem.language) is None:
            assert judge(problem, program).status == "pass"


def test_formats_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    for form, record in (
        ("multipl-e", {"name": "a", "prompt": "b", "tests": "c"}),
        ("exercism-cases", {"id": "a", "track": "elixir", "interface": []}),
        ("booktune", {"id": "a", "language": "elixir", "tests": "c", "interface": ["A.a/0"]}),
    ):
        path.write_text("not json\n" + json.dumps(record))
        assert format_of(path) == form
    with pytest.raises(BookError, match="FILE_MISSING"):
        format_of(tmp_path / "none")
    found = import_problems("booktune", path)
    assert [one.id for one in found.problems] == ["a"]
    assert list(found.skipped) == ["one.jsonl:1"]
