"""An exchange stands alone or in a lesson, and lessons are negatives by their share."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from booktune_assets.pairs.exchanges import in_one_place, negative_shares
from booktune_assets.pairs.mix import priority
from booktune_assets.schemas_pairs import PAIRS
from booktune_assets.settings_sets import Mix
from booktune_assets_tests.builders import PLAIN_PAIR


def answer(name: str) -> str:
    return f"What is said about {name} is long enough to be told from all other answers."


def pair(name: str, family: str, *parts: str, split: str = "train") -> dict[str, object]:
    turns: list[dict[str, str]] = []
    for place, part in enumerate(parts):
        asked = f"What of {part}?"
        turns.append({"role": "user", "content": f"Thanks. {asked}" if place else asked})
        turns.append({"role": "assistant", "content": answer(part)})
    return {**PLAIN_PAIR, "pair_id": name, "book_id": "one", "section_id": "sec_1",
            "family": family, "turns": turns, "split": split}  # fmt: skip


def rows(pairs: pl.DataFrame) -> pl.DataFrame:
    names = pairs["pair_id"].to_list()
    ranks = pl.Series([priority(name, "") for name in names], dtype=pl.UInt64)
    return pairs.select("pair_id", negative=pl.Series(negative_shares(pairs)), priority=ranks)


def shelf(lessons: int, singles: int, negative: int = 0) -> pl.DataFrame:
    """Lessons of two exchanges that stand alone, too, and other single ones."""
    made: list[dict[str, object]] = []
    for number in range(lessons):
        parts = f"a{number}.", f"b{number}."
        made.append(pair(f"l{number}", "lesson", *parts))
        second = "true_false" if number < negative else "define"
        made += [pair(f"x{number}", "define", parts[0]), pair(f"y{number}", second, parts[1])]
    made += [pair(f"s{number}", "define", f"c{number}.") for number in range(singles)]
    return PAIRS.frame(made)


def left(pairs: pl.DataFrame, mix: Mix | None = None) -> pl.DataFrame:
    gone = in_one_place(pairs, rows(pairs), mix or Mix())
    return pairs.filter(~pl.col("pair_id").is_in(list(gone)))


def test_a_lesson_has_the_share_of_its_exchanges() -> None:
    pairs = shelf(2, 1, negative=1)
    shares = dict(zip(pairs["pair_id"], negative_shares(pairs), strict=True))
    assert (shares["l0"], shares["l1"], shares["y0"], shares["x0"]) == (0.5, 0, 1, 0)
    lone = pairs.filter(pl.col("family") == "lesson")
    assert negative_shares(lone, pairs) == [0.5, 0]


def test_lessons_are_kept_to_the_middle_of_their_band_and_no_exchange_is_lost() -> None:
    pairs = shelf(30, 30)
    stay = left(pairs)
    talks = stay.filter(pl.col("turns").list.len() > 2).height
    assert 0.2 <= talks / stay.height <= 0.27
    free = left(pairs, Mix(turns_low=0, turns_high=0))
    assert "lesson" not in set(free["family"])
    assert free.height == 90


def test_lessons_with_negatives_come_last() -> None:
    stay = left(shelf(30, 30, negative=15))
    kept = {name for name in stay["pair_id"] if name.startswith("l")}
    assert kept
    assert all(int(name[1:]) >= 15 for name in kept)


def test_a_lesson_with_its_own_exchange_is_kept_first_and_sides_are_apart() -> None:
    pairs = shelf(30, 30).filter(pl.col("pair_id") != "x7")
    assert "l7" in set(left(pairs)["pair_id"])
    other = PAIRS.frame([pair("h", "define", "a1.", split="heldout")])
    assert "h" in set(left(pl.concat([shelf(30, 30), other]))["pair_id"])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 20), st.integers(0, 30), st.integers(0, 20), st.integers(0, 99))
def test_every_answer_stays_once_whatever_the_order(
    lessons: int, singles: int, negative: int, seed: int
) -> None:
    pairs = shelf(lessons, singles, negative)
    stay = left(pairs)
    said = [t["content"] for turns in stay["turns"] for t in turns if t["role"] == "assistant"]
    assert len(said) == len(set(said)) == 2 * lessons + singles
    again = left(pairs.sample(fraction=1, shuffle=True, seed=seed))
    assert set(again["pair_id"]) == set(stay["pair_id"])
