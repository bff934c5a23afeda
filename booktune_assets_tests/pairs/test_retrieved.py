"""Questions with passages before them: what is shown, what is answered, what an edit remakes."""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from booktune_assets.concepts.graph import into_concepts
from booktune_assets.pairs.exchanges import negative_shares, unanswered
from booktune_assets.pairs.extract import PairsMade, into_pairs
from booktune_assets.pairs.retrieved import ABSENT_PERCENT, astray
from booktune_assets.schemas import TABLES
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs.lab import book

THINGS = (
    "lamp", "buoy", "crane", "barge", "anchor", "signal", "harbour", "pilot", "tide", "rope",
    "cargo", "deck", "sail", "keel", "rudder", "beacon", "ferry", "wharf", "mast", "hull",
)  # fmt: skip
MARK = re.compile(r"\[(\d+)\]")


def _book(edited: str = "") -> str:
    """Twenty sections that define a thing each and speak of the next one, too."""
    parts = ["# Things of the harbour"]
    for place, name in enumerate(THINGS):
        other = THINGS[(place + 1) % len(THINGS)]
        parts.append(
            f"## The {name} process\n\nThe {name} process is a process that watches over "
            f"each {name} of the harbour and answers its messages. It needs no other one.\n\n"
            f"The {other} stands "
            f"beside it in most harbours, and the {name} is looked after by a supervisor that "
            f"starts it again when it ends. {edited if place == 7 else ''}"
        )
    return "\n\n".join(parts) + "\n"


def _made(
    text: str, previous: dict[str, pl.DataFrame] | None = None, **settings: Any
) -> tuple[PairsMade, dict[str, pl.DataFrame]]:
    frames = book(text)
    graph = into_concepts("lab", frames["sections"], frames["blocks"])
    asked: dict[str, Any] = {"retrieved_percent": 100, "heldout_percent": 20} | settings
    made = into_pairs(
        "lab", frames["sections"], frames["blocks"], graph["concept_graph"],
        graph["concept_graph__mentions"], Pairs(**asked), previous,
    )  # fmt: skip
    return made, frames


def _own(made: PairsMade) -> pl.DataFrame:
    return made.frames["instruction_pairs"].filter(pl.col("family") == "retrieved")


def test_rows_keep_their_contract_and_quotes_are_exact() -> None:
    made, frames = _made(_book())
    rows = _own(made)
    assert rows.height >= 10
    for name, frame in made.frames.items():
        assert frame.schema == TABLES[name].frame([]).schema
    assert rows["pair_id"].n_unique() == rows.height
    texts = dict(frames["sections"].select("section_id", "text").iter_rows())
    quotes = made.frames["instruction_pairs__evidence"].join(rows.select("pair_id"), on="pair_id")
    for quote in quotes.iter_rows(named=True):
        text = texts[quote["section_id"]]
        assert text[quote["char_start"] : quote["char_end"]] == quote["quote"]
    kept = made.frames["instruction_pairs__sections"]["kept"].sum()
    assert kept == made.frames["instruction_pairs"].height


def test_the_named_passage_holds_the_answer_or_none_does() -> None:
    made, _ = _made(_book())
    evidence = made.frames["instruction_pairs__evidence"]
    bases = {
        row["turns"][1]["content"]
        for row in made.frames["instruction_pairs"].iter_rows(named=True)
        if row["family"] != "retrieved"
    }
    silent = unanswered(made.frames["instruction_pairs"], evidence)
    absent = 0
    for row in _own(made).iter_rows(named=True):
        question, answer = (turn["content"] for turn in row["turns"])
        own = evidence.filter(pl.col("pair_id") == row["pair_id"])
        shows = own.filter(pl.col("role") == "question")
        assert shows.height == 4 == shows["section_id"].n_unique()
        assert [int(n) for n in MARK.findall(question)] == [1, 2, 3, 4]
        told, _, place = answer.rpartition("\n\n")
        home = row["section_id"]
        named = MARK.search(place)
        assert (named is None) == (row["pair_id"] in silent)
        if named:
            assert told in bases
            piece = shows.row(int(named[1]) - 1, named=True)
            assert piece["section_id"] == home
            gold = own.filter(pl.col("role") == "answer")["quote"].to_list()
            assert all(quote in piece["quote"] for quote in gold)
        else:
            absent += 1
            assert home not in shows["section_id"].to_list()
            assert (row["kind"], row["verification"], row["code_tokens"]) == ("theory", "none", 0)
            assert all(title in answer for title in own.filter(pl.col("role") == "answer")["quote"])
    assert negative_shares(_own(made), silent=silent).count(1.0) == absent
    assert 0 < absent < _own(made).height * 2 * ABSENT_PERCENT / 100 + 3


def test_all_passages_are_of_one_side() -> None:
    made, _ = _made(_book())
    split = dict(
        made.frames["instruction_pairs__sections"].select("section_id", "split").iter_rows()
    )
    rows, evidence = _own(made), made.frames["instruction_pairs__evidence"]
    assert set(split.values()) == {"train", "heldout"}
    assert astray(rows, evidence, split) == []
    shown = evidence.join(rows.select("pair_id"), on="pair_id")["section_id"].unique().to_list()
    other = split | {shown[0]: "heldout" if split[shown[0]] == "train" else "train"}
    assert astray(rows, evidence, other)


def test_what_distracts_is_about_the_same_matter() -> None:
    """Two subjects in one book: passages beside a harbour's are of harbours, and so of gardens."""
    garden = _book().replace("harbour", "garden").replace("process", "plant")
    garden = garden.replace("supervisor", "gardener").replace("messages", "bees")
    for name in THINGS:
        garden = garden.replace(name, f"{name}weed")
    made, frames = _made(_book() + "\n\n" + garden, heldout_percent=0)
    subject = {
        row["section_id"]: "garden" in row["text"]
        for row in frames["sections"].iter_rows(named=True)
    }
    rows = _own(made)
    shown = (
        made.frames["instruction_pairs__evidence"]
        .join(rows.select("pair_id", home="section_id"), on="pair_id")
        .filter(pl.col("role") == "question", pl.col("section_id") != pl.col("home"))
    )
    same = [subject[one] == subject[home] for one, home in shown["section_id", "home"].iter_rows()]
    assert {subject[home] for home in rows["section_id"]} == {True, False}
    assert len(same) > 60 and sum(same) > 0.9 * len(same)


def test_the_same_again_and_an_edit_remakes_few() -> None:
    first, _ = _made(_book())
    again, _ = _made(_book(), first.frames)
    edited, fresh = _made(_book("Zebras pass."), first.frames)[0], _made(_book("Zebras pass."))[0]
    for name, frame in first.frames.items():
        assert again.frames[name].equals(frame)
        assert edited.frames[name].equals(fresh.frames[name])
    old = set(_own(first)["pair_id"])
    new = set(_own(edited)["pair_id"]) - old
    evidence = edited.frames["instruction_pairs__evidence"]
    shows = evidence.filter(pl.col("quote").str.contains("Zebras pass"))["pair_id"].to_list()
    assert 0 < len(new) < len(old) / 3
    assert len(new - set(shows)) <= 1  # all others show the edited paragraph


def test_none_are_made_when_none_are_wanted_or_the_book_is_small() -> None:
    assert _own(_made(_book(), retrieved_percent=0)[0]).is_empty()
    assert _own(
        _made("# A\n\nA *lamp process* is a process that shines in the dark.\n")[0]
    ).is_empty()
