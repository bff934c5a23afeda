"""The same in other words: of planted twins one stays, and what only sounds alike is no twin."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from booktune_assets.chain.clean import meanings
from booktune_assets.concepts.embeddings import Embedder, packaged
from booktune_assets.pairs.duplicates import without_duplicates
from booktune_assets_tests.pairs.meant import LATER_OTHER, LATER_SAME, OTHER, SAME
from booktune_assets_tests.pairs.rows import code, evidence, frame, pair

needs_table = pytest.mark.skipif(not packaged(), reason="the extra vectors is not installed")
Row = dict[str, object]
ONE = {"concept_ids": ["con_a"]}


def planted(twins: tuple[tuple[str, str, str, str], ...]) -> list[Row]:
    """Two rows for each entry, about one concept; twin n has the numbers 2n and 2n + 1."""
    rows: list[Row] = []
    for number, (asked, told, asks, tells) in enumerate(twins):
        about = {"concept_ids": [f"con_{number}"]}
        rows += [pair(2 * number, asked, told, **about), pair(2 * number + 1, asks, tells, **about)]
    return rows


def dropped(*rows: Row, meant: bool = True) -> dict[int, tuple[int, str]]:
    """Number of each row that goes, to the one that stays and the reason."""
    pairs = frame(*rows)
    kept, gone = without_duplicates(
        pairs, evidence(pairs), vectors=meanings() if meant else None, paraphrases=9
    )
    assert kept.height + len(gone) == pairs.height
    return {int(row["pair_id"][5:], 16): (int(row["other"][5:], 16), row["reason"]) for row in gone}


@needs_table
@pytest.mark.parametrize("twins", [SAME, LATER_SAME])
def test_twins_in_other_words_are_found_and_one_of_each_stays(
    twins: tuple[tuple[str, str, str, str], ...],
) -> None:
    found = dropped(*planted(twins))
    assert len(found) >= 0.85 * len(twins)
    assert all(one // 2 == other // 2 for one, (other, _) in found.items())
    assert {reason for _, reason in found.values()} == {"same_meaning"}
    assert dropped(*planted(twins), meant=False) == {}, "words alone find none of them"


@needs_table
@pytest.mark.parametrize("twins", [OTHER, LATER_OTHER])
def test_what_only_sounds_alike_stays(twins: tuple[tuple[str, str, str, str], ...]) -> None:
    gone = dropped(*planted(twins))
    assert gone == dropped(*planted(twins), meant=False)
    reasons = {reason for _, reason in gone.values()}
    assert reasons <= {"near_question"}, "one question, word by word"


@needs_table
def test_three_of_a_kind_are_one_and_the_strongest_stays() -> None:
    told = "A monitor tells a process by a message when another process ends."
    found = dropped(
        pair(1, "What is a monitor?", told, **ONE),
        pair(2, "Tell me what a monitor is.",
             "When a process ends, a monitor tells another process so by a message.",
             verification="executed", **ONE),
        pair(3, "Describe a monitor.",
             "By a message a monitor tells a process when another process ends.", **ONE),
    )  # fmt: skip
    assert found == {1: (2, "same_meaning"), 3: (2, "same_meaning")}


@needs_table
@pytest.mark.parametrize(
    "other",
    [{"concept_ids": ["con_b"]}, {"family": "reason"}, {"family": "refusal"}, {"concept_ids": []}],
)
def test_another_family_or_concept_is_not_compared(other: Row) -> None:
    asked, told, asks, tells = SAME[13]
    first = ONE if "concept_ids" in other else {**ONE, **other}
    second = {**ONE, **other}
    if other.get("family") == "reason":
        first = ONE
    assert dropped(pair(1, asked, told, **first), pair(2, asks, tells, **second)) == {}


@needs_table
def test_listings_are_not_compared_by_meaning() -> None:
    asked, told, asks, tells = SAME[13]
    shown = code("Enum.map(list, f)")
    rows = (
        pair(1, asked, f"{told}\n\n{shown}", **ONE),
        pair(2, asks, f"{tells}\n\n{shown}", **ONE),
    )
    assert dropped(*rows) == {}


@needs_table
def test_equal_rows_and_their_twin_are_one_cluster_whatever_the_order() -> None:
    asked, told, asks, tells = SAME[13]
    rows = [pair(1, asked, told, **ONE), pair(2, asked, told, concept_ids=["con_b"]),
            pair(3, asks, tells, concept_ids=["con_b"])]  # fmt: skip
    assert set(dropped(*rows)) == set(dropped(*rows[::-1])) and len(dropped(*rows)) == 2


@needs_table
def test_vectors_are_the_same_on_every_shelf() -> None:
    table = Embedder()
    table.by_rank()
    alone = table.vectors(["A guard is a condition."])
    assert np.array_equal(alone, table.vectors(["A guard is a condition.", "zebra"])[:1])
    assert float(alone @ table.vectors(["the the of a is"])[0]) < 0.8, "frequent words weigh little"


def test_without_vectors_nothing_is_compared_by_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("booktune_assets.concepts.embeddings.packaged", str)
    assert meanings() is None
    pairs = frame(*planted(SAME[13:14]))
    kept, _ = without_duplicates(pairs, evidence(pairs), vectors=None)
    assert kept.height == 2 and isinstance(kept, pl.DataFrame)
