"""One paragraph of a long section edited: what the teacher is asked again, and which ids stay."""

from __future__ import annotations

import polars as pl
import pytest

from booktune_assets.pairs.teacher_join import asked_before
from booktune_assets.pairs.teacher_passages import into_passages
from booktune_assets.settings import Pairs
from booktune_assets_tests.pairs.lab import book
from booktune_assets_tests.pairs.teacher_lab import Cached, all_frames, blocks_of, good, taught

SHIPS = (
    "schooner", "cutter", "ketch", "yawl", "sloop", "brig", "barque", "galley", "dinghy", "tug",
    "ferry", "dhow", "junk", "punt",
)  # fmt: skip
LONG = "# Ships\n\n" + "\n\n".join(
    f"A {ship} is a process that carries parcel number {100 + number} over the bay. "
    + f"The {ship} waits at quay {number} until its parcel is there. " * (1 + 2 * (number % 2))
    for number, ship in enumerate(SHIPS)
)
# a word more leaves the borders of passages where they are, three sentences would move them
WORD, SENTENCES = " The yawl is blue.", " The yawl is blue and has a mast of wood." * 3


@pytest.mark.parametrize(("recipe", "more"), [("qa", WORD), ("qa", SENTENCES), ("chain", WORD)])
def test_only_the_passage_with_the_edit_is_asked_again(recipe: str, more: str) -> None:
    pairs, caller = Pairs(recipes=[recipe]), Cached(good)  # type: ignore[list-item]
    first = taught(book(LONG), caller, pairs, judge=False)
    assert first.frames["instruction_pairs__teacher"].height > 1
    before = len(caller.new)
    made = book(LONG.replace("at quay 3 until", f"at quay 3.{more} It waits until", 1))
    second = taught(made, caller, pairs, first.frames, judge=False)
    asked = caller.new[before:]
    assert asked and not second.counts["teacher_calls_cached"]
    for request in asked:
        assert "yawl is blue" in " ".join(text for _, text in blocks_of(request).values())
    rows = [
        one.frames["instruction_pairs"].filter(pl.col("generator") == "teacher")
        for one in (first, second)
    ]
    said = [dict(zip(one["pair_id"], one["turns"].to_list(), strict=True)) for one in rows]
    same = {name for name, turns in said[0].items() if turns in said[1].values()}
    assert same and same <= set(said[1])
    texts = dict(made["sections"].select("section_id", "text").iter_rows())
    evidence = second.frames["instruction_pairs__evidence"]
    assert set(evidence["section_id"]) == set(rows[1]["section_id"]) == set(texts)
    for row in evidence.iter_rows(named=True):
        assert texts[row["section_id"]][row["char_start"] : row["char_end"]] == row["quote"]


def test_of_a_limited_number_no_other_passage_takes_the_place_of_the_edited_one() -> None:
    pairs = Pairs(recipes=["qa"], passages_max=1)
    caller = Cached(good)
    first = taught(book(LONG), caller, pairs, judge=False)
    (unit,) = asked_before(first.frames)
    frames = all_frames(made := book(LONG))
    chosen = next(one for one in into_passages("lab", frames, {}) if one.unit_id == unit)
    ship = next(ship for ship in SHIPS if f"A {ship}" not in chosen.text)
    before = len(caller.new)
    made = book(LONG.replace(f"A {ship} is a process", f"A {ship} is a small process"))
    taught(made, caller, pairs, first.frames, judge=False)
    assert len(caller.new) == before
