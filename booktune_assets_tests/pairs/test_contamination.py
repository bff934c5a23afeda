"""Gate G9: what shows a benchmark is kept out, and what every book says is not."""

import json
from pathlib import Path

import polars as pl
import pytest

from booktune_assets.errors import BookError, Code
from booktune_assets.pairs.benchmarks import OWN, Benchmark, Item, load_benchmarks, registry_digests
from booktune_assets.pairs.contamination import without_contaminated
from booktune_assets_tests.beam.test_adapters import record as _record
from booktune_assets_tests.pairs.rows import code, frame, pair

STATEMENT = (
    "Write a module that collects the readings of weather stations and answers with the mean of "
    "each station, rounded to one digit, leaving out stations that never sent a reading."
)
SOLUTION = """defmodule Stations do
  # readings come as pairs
  def means(readings) do
    readings
    |> Enum.group_by(&elem(&1, 0), &elem(&1, 1))
    |> Map.new(fn {name, values} -> {name, Float.round(Enum.sum(values) / length(values), 1)} end)
    |> Map.reject(fn {_name, mean} -> mean == 0.0 and name_unknown?(mean) end)
  end
end"""
TESTS = """defmodule StationsTest do
  use ExUnit.Case
  test "the means of three stations that are far apart" do
    assert Stations.means([{"north pole", 3}, {"south pole", 8}]) == %{"north pole" => 3.0}
  end
end"""
ITEM = Item("stations", STATEMENT, (("elixir", SOLUTION),), (("elixir", TESTS),), (("means", 1),))
BENCH = Benchmark("made", (ITEM,), "v1", "CC0")
FINE = pair(9, "What is a map?", "A map is a group of keys with values; no key stands twice.")


def record(function: str, args: str, **more: object) -> dict[str, object]:
    """A record of MultiPL-E."""
    return {**_record(function, args, "candidate.([1, 2]) == [1]"), **more}


def _reasons(*rows: dict[str, object], bench: Benchmark = BENCH) -> dict[str, str]:
    pairs = frame(*rows)
    kept, dropped, overlaps = without_contaminated(pairs, [bench])
    assert kept.height + len(dropped) == pairs.height
    assert overlaps[0].hits == len(dropped)
    assert all(row["gate"] == "G9_contamination" and row["detail"] for row in dropped)
    assert all(row["other"] == f"made:{bench.items[0].id}" for row in dropped)
    return {row["pair_id"][-1]: row["reason"] for row in dropped}


def test_twelve_words_in_a_row() -> None:
    words = STATEMENT.split()
    found = _reasons(
        pair(1, "Say what this asks: " + " ".join(words[3:15]), "It asks for means."),
        pair(2, "Say what this asks: " + " ".join(words[3:14]), "It asks for means."),
        pair(3, "What is asked?", f"One has to {' '.join(words[5:20]).upper()}, no less."),
        FINE,
    )
    assert found == {"1": "same_words", "3": "same_words"}


def test_the_solution_and_a_half_of_it() -> None:
    lines = SOLUTION.split("\n")
    renamed = SOLUTION.replace("Stations", "Weather").replace("means", "averages")
    found = _reasons(
        pair(1, "Write it.", code(SOLUTION)),
        pair(2, "Write it.", code(renamed)),
        pair(3, f"Explain this.\n\n{code(chr(10).join(lines[3:6]))}", "It groups and takes means."),
        pair(4, "Write it.", code("readings\n|> Enum.group_by(&elem(&1, 0), &elem(&1, 1))")),
        pair(5, "Write it.", code("defmodule Other do\n  def run(a), do: a\nend")),
    )
    assert found == {"1": "same_code", "2": "same_code", "3": "same_code", "4": "same_code"}


def test_an_idiom_in_a_listing_of_another_kind_is_reported_only() -> None:
    idiom = "|> Enum.group_by(&elem(&1, 0), &elem(&1, 1))"
    own = "\n".join(f"value_{n} = compute_{n}(input_{n}, :option_{n})" for n in range(12))
    pairs = frame(pair(1, "Explain.", code(f"{own}\npairs {idiom}")), FINE)
    kept, dropped, overlaps = without_contaminated(pairs, [BENCH])
    assert kept.height == 2
    assert dropped == []
    assert overlaps[0].phrases == 1


def test_what_three_problems_share_is_nobodys() -> None:
    head = (
        "Complete this Elixir module. Answer with the whole module, and with nothing else at all."
    )
    items = tuple(Item(f"p{n}", f"{head} Number {n}.", (("elixir", SOLUTION),)) for n in range(3))
    pairs = frame(pair(1, head, "Nothing comes of it."), pair(2, "Write it.", code(SOLUTION)))
    kept, _, _ = without_contaminated(pairs, [Benchmark("made", items, "v1")])
    assert kept.height == 2
    kept, _, _ = without_contaminated(pairs, [Benchmark("made", items[:2], "v1")])
    assert kept.height == 0


def test_literals_of_tests_but_not_their_names() -> None:
    found = _reasons(
        pair(1, "What is given?", 'It gets `[ {"north pole", 3},\n {"south pole", 8} ]` and more.'),
        pair(2, "What is tested?", "Tested are the means of three stations that are far apart."),
    )
    assert found == {"1": "test_literal"}


def test_the_same_task_under_the_same_name() -> None:
    near = STATEMENT.replace("weather", "all").replace("sent", "gave").replace("collects", "takes")
    near = near.replace("digit", "place").replace("answers", "replies").replace("mean ", "average ")
    own = "defmodule My do\n  def means(all), do: all\nend"
    found = _reasons(
        pair(1, near, code(own)),
        pair(2, near, code(own.replace("(all)", "(all, one)"))),
        pair(3, "Write means of some numbers.", code(own)),
        pair(4, "Write it.", code(f'defmodule My do\n  @doc """\n  {near}\n  """\n'
                                  "  def means(all), do: all\nend")),
    )  # fmt: skip
    assert found == {"1": "same_task", "4": "same_task"}


def test_overlap_is_of_what_is_left() -> None:
    seven = " ".join(STATEMENT.split()[:7])
    pairs = frame(pair(1, STATEMENT, "A."), pair(2, f"Say: {seven} and some more.", "Now."), FINE)
    _, _, overlaps = without_contaminated(pairs, [BENCH])
    assert 0 < overlaps[0].words_held < 0.2  # three 5-grams of the second, none of the first
    assert 0 < overlaps[0].words < 0.1
    assert overlaps[0].code == 0
    assert (overlaps[0].name, overlaps[0].items, overlaps[0].licence) == ("made", 1, "CC0")


def test_our_own_problems_are_always_there() -> None:
    own = load_benchmarks()
    assert [one.name for one in own] == ["booktune"]
    assert len(own[0].items) == len(list(OWN.glob("*/problem.toml")))
    item = next(one for one in own[0].items if one.id == "elixir-deep-merge")
    assert ("merge", 2) in item.entries
    pairs = frame(pair(1, item.statement, "Yes."), pair(2, "Write.", code(item.code[0][1])), FINE)
    kept, dropped, _ = without_contaminated(pairs, own)
    assert kept["pair_id"].to_list() == [FINE["pair_id"]]
    assert {row["other"] for row in dropped} == {"booktune:elixir-deep-merge"}


@pytest.mark.parametrize("suffix", ["jsonl", "json", "parquet"])
def test_files_of_any_form(tmp_path: Path, suffix: str) -> None:
    rows = [
        {"task_id": "t1", "prompt": STATEMENT, "canonical_solution": SOLUTION, "test": TESTS},
        {"task_id": "t2", "prompt": "Another one.", "canonical_solution": "x = 1", "test": ""},
    ]
    path = tmp_path / f"other.{suffix}"
    if suffix == "jsonl":
        path.write_text("\n".join(json.dumps(row) for row in rows))
    elif suffix == "json":
        path.write_text(json.dumps(rows))
    else:
        pl.DataFrame(rows).write_parquet(path)
    found = next(one for one in load_benchmarks([path]) if one.name == path.name)
    item = found.items[0]
    assert [one.id for one in found.items] == ["t1", "t2"]
    assert item.statement == STATEMENT
    assert item.code == (("elixir", SOLUTION),)
    assert item.tests == (("elixir", TESTS),)
    assert ("means", 1) in item.entries


def test_files_of_multipl_e_and_folders(tmp_path: Path) -> None:
    said = "Give the numbers of a list that are larger than all before them, in order."
    prompt = f"# {said}\n\ndefmodule HumanEval do\n  def rising(a, b) do\n"
    good = record("rising", "a, b", prompt=prompt, name="good")
    bad = record("other", "a", prompt="# " + STATEMENT, name="bad", tests="(")
    folder = tmp_path / "multipl"
    folder.mkdir()
    lines = [json.dumps(one) for one in (good, bad)]
    (folder / "humaneval-ex.jsonl").write_text("\n".join(lines) + "\n")
    found = next(one for one in load_benchmarks([folder]) if one.name == "multipl")
    assert [one.id for one in found.items] == ["good", "bad"]
    assert found.note == "1 are read by their texts only"
    assert ("rising", 2) in found.items[0].entries
    assert "training" in found.licence
    pairs = frame(pair(1, said, "Like this."), pair(2, STATEMENT, "Like that."), FINE)
    kept, dropped, _ = without_contaminated(pairs, [found])
    assert kept["pair_id"].to_list() == [FINE["pair_id"]]
    assert [row["other"] for row in dropped] == ["multipl:good", "multipl:bad"]


def test_what_is_not_there_or_empty_is_said(tmp_path: Path) -> None:
    with pytest.raises(BookError) as missing:
        load_benchmarks([tmp_path / "gone.jsonl"])
    assert missing.value.code is Code.FILE_MISSING
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(BookError) as empty:
        load_benchmarks([tmp_path / "empty.jsonl"])
    assert empty.value.code is Code.NO_CONTENT and "pairs.benchmarks" in empty.value.remedy
    (tmp_path / "bad.jsonl").write_text("{")
    with pytest.raises(BookError) as bad:
        load_benchmarks([tmp_path / "bad.jsonl"])
    assert bad.value.code is Code.BAD_ROW


def test_digests_follow_the_files(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text('["a text"]')
    first = registry_digests([path])
    path.write_text('["another"]')
    assert first.keys() == {"booktune", "one.json"}
    assert registry_digests([path])["one.json"] != first["one.json"]
