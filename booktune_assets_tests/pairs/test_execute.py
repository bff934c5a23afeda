"""The code of pairs, run: what its verdict makes of a pair, and what is kept of it."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from booktune_assets.beam.alone import Piece, Program
from booktune_assets.beam.sandbox import probe
from booktune_assets.beam.toolchains import toolchains
from booktune_assets.contracts import check
from booktune_assets.pairs import execute
from booktune_assets.pairs.execute import Runner, find_runner
from booktune_assets.pairs.extract import PairsMade
from booktune_assets.pairs.rules import fences
from booktune_assets.schemas import tables_of
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.code_page import CODE_PAGE
from booktune_assets_tests.pairs.lab import book

needs_beam = pytest.mark.skipif(
    probe().rung is None or not toolchains(), reason="no sandbox or no Elixir here"
)
MANY = Pairs(per_block=20)
ONE = Program((Piece("typed", "elixir", "1 + 1", "2"),))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def made(cache: Path) -> PairsMade:
    return pairs_of(book(CODE_PAGE), MANY, runner=runner(cache))


def runner(cache: Path | None) -> Runner:
    found = find_runner(cache)
    assert found is not None
    return found


def rows(made: PairsMade, family: str) -> list[dict[str, Any]]:
    return made.frames["instruction_pairs"].filter(pl.col("family") == family).to_dicts()


def refused(made: PairsMade, family: str) -> dict[str, tuple[str, str]]:
    """(gate, reason) by the question's last line of code."""
    frame = made.frames["instruction_pairs__rejected"].filter(pl.col("family") == family)
    return {
        row["turns"][0]["content"].split("\n")[-2]: (row["gate"], row["reason"])
        for row in frame.to_dicts()
    }


@needs_beam
def test_every_table_keeps_its_contract(made: PairsMade) -> None:
    for table in tables_of("instruction_pairs"):
        check(table, made.frames[table.name])
    assert made.counts["programs_ran"] > 10
    assert made.counts["programs_lost"] == 0
    assert made.counts["code_tested"] > 0
    by = {row["verified_by"] for row in made.frames["instruction_pairs"].to_dicts()} - {None}
    assert all(name.startswith("elixir ") for name in by)


@needs_beam
def test_a_result_that_the_code_does_not_give_is_refused_with_what_it_gives(
    made: PairsMade,
) -> None:
    kept = {row["turns"][0]["content"].split("\n")[-2] for row in rows(made, "predict_output")}
    assert kept == {
        "Ledger.total([3, 4, 5])", "Ledger.scaled([3, 1, 2], 10)", "lists:sum([1, 2, 3]).",
        "Enum.reverse([1, 2, 3])",  # of a listing whose result the page leaves out
    }  # fmt: skip
    assert {row["verification"] for row in rows(made, "predict_output")} == {"executed"}
    assert refused(made, "predict_output") == {
        "Ledger.total([1, 2])": ("G5_execute", "gives 3"),
        "lists:sum([2]).": ("G5_execute", "gives 2"),
    }
    answers = [row["turns"][1]["content"] for row in rows(made, "predict_output")]
    assert "```\n[10, 20, 30]\n```" in answers  # without the remark below it


@needs_beam
def test_errors_have_to_come_as_the_book_says(made: PairsMade) -> None:
    found = rows(made, "diagnose_error")
    levels = {row["kind"]: row["verification"] for row in found}
    assert levels.pop("theory") == "shown"  # the answer explains: no run vouches for that
    assert set(levels.values()) == {"intended_failure"}
    assert all("1 + :one" in row["turns"][0]["content"] for row in found)
    explained = [row for row in found if row["kind"] == "theory"]
    assert len(explained) == 1
    assert "is an invalid argument" in explained[0]["turns"][1]["content"]
    bad = refused(made, "diagnose_error")["[head | rest] = []"]
    assert bad == ("G5_execute", "gives ** (MatchError) no match of right hand side value: []")


@needs_beam
def test_a_fault_shows_and_its_answer_is_the_listing(made: PairsMade) -> None:
    text = re.search(r"```elixir\n(defmodule Ledger.*?)\n```", CODE_PAGE, re.S)
    every = rows(made, "fix_bug")
    found = [row for row in every if "expression" not in row["turns"][0]["content"]]
    assert text
    assert found
    for row in found:
        question, answer = (turn["content"] for turn in row["turns"])
        assert row["verification"] == "tested"
        [(_, code)] = fences(answer)  # all of a short listing, else the function that was changed
        assert all(line in text[1] for line in code.split("\n"))
        assert text[1] not in question
        assert re.search(r"should give `.*`, but it (gives|fails with) `|not compile", question)
    survivors = [reason for gate, reason in refused(made, "fix_bug").values() if gate[:2] == "G5"]
    assert set(survivors) <= {
        "fault_shows_nothing", "gives 3", "fault_hangs", "fault_ends_vm"
    }  # fmt: skip


@needs_beam
def test_listings_compile_and_what_is_not_here_is_said(made: PairsMade) -> None:
    explained = {
        re.findall(r"defmodule ([\w.]+)", row["turns"][0]["content"])[0]: row
        for row in rows(made, "explain_code")
        if "defmodule" in row["turns"][0]["content"]
    }
    assert explained["Ledger"]["verification"] == "shown"
    assert explained["Ledger"]["verified_by"].endswith("the code shown compiles")
    assert explained["Shop.Router"]["verification"] == "unverifiable"
    assert "dependency Phoenix.Router" in explained["Shop.Router"]["verified_by"]
    assert not any("Phoenix" in row["turns"][1]["content"] for row in rows(made, "fill_in"))
    assert {row["verification"] for row in rows(made, "translate")} <= {"compiled", "executed"}
    assert len(rows(made, "translate")) == 2


@needs_beam
def test_what_was_run_is_known(made: PairsMade, cache: Path) -> None:
    again = pairs_of(book(CODE_PAGE), MANY, runner=runner(cache))
    assert again.counts["programs_ran"] == 0
    assert again.counts["programs_known"] == made.counts["programs_ran"]
    for name, frame in made.frames.items():
        assert frame.equals(again.frames[name]), name


@needs_beam
def test_an_edit_runs_the_code_of_its_section_only(made: PairsMade) -> None:
    edited = CODE_PAGE.replace("Atoms are no numbers:", "Atoms are never numbers:")
    again = pairs_of(book(edited), MANY, made.frames, runner=runner(None))
    whole = pairs_of(book(edited), MANY, runner=runner(None))
    assert again.counts["sections_made"] == 1
    assert 0 < again.counts["programs_ran"] < made.counts["programs_ran"] / 2
    for name, frame in whole.frames.items():
        assert frame.equals(again.frames[name]), name


def test_without_a_runner_nothing_is_claimed() -> None:
    made = pairs_of(book(CODE_PAGE), MANY)
    kept = made.frames["instruction_pairs"]
    assert set(kept["verification"]) <= {"none", "parsed"}
    assert kept["verified_by"].is_null().all()
    assert not set(kept["family"]) & {"fill_in", "fix_bug"}
    assert set(refused(made, "fix_bug").values()) == {("G5_execute", "not_run")}
    assert all("G5_execute" not in gates for gates in kept.filter(pl.col("lang") != "")["gates"])
    assert made.counts["code_executed"] == 0


@needs_beam
def test_a_sandbox_that_fails_judges_nobody(
    made: PairsMade, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(programs: object, chain: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(execute, "run_programs", down)
    failed = pairs_of(book(CODE_PAGE), MANY, runner=runner(None))
    assert failed.counts["programs_lost"] > 0
    assert set(failed.frames["instruction_pairs"]["verification"]) <= {"none", "parsed"}
    monkeypatch.undo()
    again = pairs_of(book(CODE_PAGE), MANY, failed.frames, runner=runner(None))
    assert again.frames["instruction_pairs"].equals(made.frames["instruction_pairs"])


@needs_beam
def test_a_damaged_store_is_begun_anew(tmp_path: Path) -> None:
    first = runner(tmp_path)
    assert first.found([ONE])[ONE][0].verdict == "match"
    store = tmp_path / "verified" / "verdicts.sqlite"
    store.write_bytes(b"no data base" * 500)
    second = runner(tmp_path)
    assert second.found([ONE])[ONE][0].verdict == "match"
    assert second.counts["ran"] == 1
    with sqlite3.connect(store) as opened:
        assert opened.execute("SELECT count(*) FROM verdicts").fetchone() == (1,)
    third = runner(tmp_path)
    assert third.found([ONE, ONE]) == second.found([ONE])
    assert third.counts == {"ran": 0, "known": 1, "lost": 0}
