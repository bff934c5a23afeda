"""Duplicates in other words: planted twins that are found, near misses that are not, and books.

    .venv/bin/python benchmarks/meaning.py [FILE …]

Planted twins (``booktune_assets_tests/pairs/meant.py``): how many gate G8 links, of those that
the marks were chosen by and of those written later, with vectors and without. FILE are books: how
many of their kept pairs go for meaning alone, each printed with its twin, to be read.
"""

from __future__ import annotations

import time
from pathlib import Path

import polars as pl
from _words import words
from pairs import frames_and_pairs

from booktune_assets.chain.clean import meanings
from booktune_assets.pairs.duplicates import without_duplicates
from booktune_assets_tests.pairs.meant import LATER_OTHER, LATER_SAME, OTHER, SAME
from booktune_assets_tests.pairs.rows import evidence, frame
from booktune_assets_tests.pairs.test_meaning import planted


def twins() -> None:
    """Print how many of the planted twins are linked."""
    kinds = (
        ("the same", SAME), ("near misses", OTHER), ("the same, written later", LATER_SAME),
        ("near misses, written later", LATER_OTHER),
    )  # fmt: skip
    for name, of in kinds:
        pairs = frame(*planted(of))
        for way, vectors in (("words", None), ("words and meaning", meanings())):
            _, gone = without_duplicates(pairs, evidence(pairs), vectors=vectors)
            found = {int(row["pair_id"][5:], 16) // 2 for row in gone}
            print(f"{name:27} {way:18} {len(found)} of {len(of)}")


def books(files: list[Path]) -> None:
    """Print what goes of the books' pairs, as one shelf."""
    made = [frames_and_pairs(file) for file in files]
    pairs = pl.concat([one["instruction_pairs"] for one in made])
    quotes = pl.concat([one["instruction_pairs__evidence"] for one in made])
    spent = time.process_time()
    _, gone = without_duplicates(pairs, quotes, vectors=meanings())
    spent = time.process_time() - spent
    turns = dict(pairs.select("pair_id", "turns").iter_rows())
    meant = [row for row in gone if row["reason"] == "same_meaning"]
    for row in meant:
        for name in ("pair_id", "other"):
            print(f"  {row['family']}: " + " | ".join(
                turn["content"].replace("\n", " ")[:160] for turn in turns[row[name]]
            ))  # fmt: skip
        print()
    print(f"{len(meant)} of {pairs.height} pairs go for what they mean, {len(gone)} in all; "
          f"{spent:.1f} CPU s")  # fmt: skip


if __name__ == "__main__":
    given = words()
    twins()
    if given:
        books([Path(name) for name in given])
