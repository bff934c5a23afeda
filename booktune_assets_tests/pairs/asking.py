"""Questions and answers of one family from a few lines of text."""

import polars as pl

from booktune_assets_tests.pairs.chain import pairs_of
from booktune_assets_tests.pairs.lab import book

Talk = list[tuple[str, str]]


def talks(text: str, family: str) -> list[Talk]:
    """Exchanges of every kept pair of the family."""
    rows = pairs_of(book(text)).frames["instruction_pairs"].filter(pl.col("family") == family)
    found: list[Talk] = []
    for turns in rows["turns"].to_list():
        said = [turn["content"] for turn in turns]
        found.append(list(zip(said[::2], said[1::2], strict=True)))
    return found


def asked(text: str, family: str) -> Talk:
    """The last exchange of every kept pair of the family."""
    return [talk[-1] for talk in talks(text, family)]
