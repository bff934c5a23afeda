"""Rows that stay are not walked over: an edit costs what changed, and reading and writing."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from booktune_assets.pairs import carry, extract
from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.lab import book


def _text(edited: int | None = None) -> str:
    return "\n".join(
        f"# Part {n}\n\nA *kettle {n}* is a vessel for water number {n}"
        f"{' of tin' if n == edited else ''}.\n\n```iex\niex> {n} + {n}\n{2 * n}\n```\n"
        for n in range(40)
    )


def test_only_the_edited_sections_candidates_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    before = pairs_of(book(_text()))
    seen: list[str] = []
    real = extract.refused

    def noting(candidate: Any, *rest: Any) -> Any:
        seen.append(candidate.block_id)
        return real(candidate, *rest)

    monkeypatch.setattr(extract, "refused", noting)
    built: list[int] = []
    frame = extract.PAIRS.__class__.frame

    def counting(table: Any, rows: Any) -> Any:
        if table.name == "instruction_pairs":
            built.append(len(rows))
        return frame(table, rows)

    monkeypatch.setattr(extract.PAIRS.__class__, "frame", counting)
    after = pairs_of(book(_text(7)), previous=before.frames)
    assert after.counts["sections_made"] == 1
    assert 1 <= len(set(seen)) <= 2
    assert sum(built) <= 4  # rows that were made into columns: those of the edited section
    assert after.frames["instruction_pairs"].height == before.frames["instruction_pairs"].height
    assert before.frames["instruction_pairs"].height >= 40


DAYS = "%{" + ", ".join(f'"day {n}" => {n * 7 % 30}' for n in range(1, 25)) + "}"
SETUP = f"iex> days = {DAYS}\n{DAYS}\n"
SHOWN = f'# Warm days\n\nWhat we know so far.\n\n```iex\n{SETUP}iex> days["day 3"]\n21\n```\n'
AGAIN = SHOWN.replace("Warm", "Cold").replace("What we", "All that we") + "\nSo it goes.\n"


def _refused(frames: Any) -> list[tuple[str, str]]:
    rows = frames["instruction_pairs__rejected"].filter(pl.col("gate") == "G8_duplicates")
    return rows.select("family", "reason").rows()


def test_what_is_nearly_the_same_in_another_section_is_kept_once() -> None:
    made = pairs_of(book(SHOWN + AGAIN))
    asked = made.frames["instruction_pairs"].filter(pl.col("family") == "predict_output")
    first = book(SHOWN + AGAIN)["sections"]["section_id"][0]
    assert asked["section_id"].unique().to_list() == [first]
    assert ("predict_output", "near_text") in _refused(made.frames)
    evidence = made.frames["instruction_pairs__evidence"]["pair_id"].to_list()
    assert set(evidence) == set(made.frames["instruction_pairs"]["pair_id"].to_list())


def test_what_was_near_comes_back_when_the_first_is_gone() -> None:
    before = pairs_of(book(SHOWN + AGAIN))
    other = SHOWN.replace("days", "towns").replace('"day', '"town').replace(" => ", " => 1")
    edited = book(other.replace("\n21\n", "\n121\n") + AGAIN)
    after, anew = pairs_of(edited, previous=before.frames), pairs_of(edited)
    for name, frame in anew.frames.items():
        assert after.frames[name].equals(frame), name
    gone = [reason for _, reason in _refused(after.frames)]
    assert "near_text" not in gone


def test_a_pair_is_about_what_says_most() -> None:
    evidence = pl.DataFrame(
        {"pair_id": ["pair"], "block_id": ["blk"], "char_start": [0], "char_end": [50]}
    )
    named = [("con_a", "syntax"), ("con_b", "tree"), ("con_c", "name"), ("con_c", "name")]
    mentions = pl.DataFrame(
        [{"block_id": "blk", "concept_id": name, "char_start": n, "evidence": kind}
         for n, (name, kind) in enumerate(named)]
    )  # fmt: skip
    assert carry.about(evidence, mentions)["concept_ids"][0].to_list() == [
        "con_c",
        "con_b",
        "con_a",
    ]
