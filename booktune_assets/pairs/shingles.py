"""Text as sets of hashed n-grams, in columns: words of prose, tokens of code with punctuation.

Belongs here: taking messages apart into prose and code, tokens, n-grams, sets of rows. Does not:
what is near enough (``near.py``), what is a benchmark's (``contamination.py``).

All of it is columns of polars and numpy, a slice of rows at a time: a million rows pass in minutes
and in little memory. Tokens are hashed by what they say, so nothing depends on the order of rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = [
    "Grams", "code_grams", "code_of", "grams_of", "joined", "prose_of", "slices", "word_grams",
]  # fmt: skip

Hashes: TypeAlias = npt.NDArray[np.uint64]
Sizes: TypeAlias = npt.NDArray[np.int64]

SLICE = 20_000  # rows in work at a time
FENCED = r"(?ms)^`{3,}[\w-]*\n.*?^`{3,}[ \t]*$"
_MARKS = r"(?m)^`{3,}[\w-]*[ \t]*$"
_WORD = r"[\p{L}\p{N}_]+"
_TOKEN = r"[\p{L}_][\p{L}\p{N}_]*[?!]?|\p{N}+|[^\s\p{L}\p{N}_]"
_STEP = np.uint64(0x9E3779B97F4A7C15)
_TWIST = np.uint64(0xBF58476D1CE4E5B9)
_SEEDS = {"word": 11, "token": 23}


@dataclass(frozen=True, slots=True)
class Grams:
    """N-grams of some rows, one behind the other; ``counts`` is how many each row has."""

    values: Hashes
    counts: Sizes

    @property
    def rows(self) -> Sizes:
        """The row of each n-gram."""
        return np.repeat(np.arange(len(self.counts), dtype=np.int64), self.counts)


def joined(turns: pl.Series, role: str | None = None) -> pl.Series:
    """All that is said in some rows of ``turns``, or what one role says, as one text each."""
    said = pl.element().struct.field("content")
    mine = said if role is None else said.filter(pl.element().struct.field("role") == role)
    return turns.to_frame("turns").select(
        pl.col("turns").list.eval(mine).list.join("\n\n")
    )["turns"]  # fmt: skip


def prose_of(texts: pl.Series) -> pl.Series:
    """What stands around the fenced code."""
    return texts.str.replace_all(FENCED, "\n")


def code_of(texts: pl.Series) -> pl.Series:
    """The fenced code of each text, one piece after another, without its fences."""
    return texts.str.extract_all(FENCED).list.join("\n").str.replace_all(_MARKS, "")


def word_grams(prose: pl.Series, n: int) -> Grams:
    """N-grams of words, without case; a text of fewer words is one n-gram."""
    return _grams(prose.str.to_lowercase(), _WORD, _SEEDS["word"], n)


def code_grams(code: pl.Series, n: int) -> Grams:
    """N-grams of names, numbers and single signs, as they are written."""
    return _grams(code, _TOKEN, _SEEDS["token"], n)


def grams_of(texts: pl.Series, n: int) -> Grams:
    """N-grams of both, row by row."""
    words, tokens = word_grams(prose_of(texts), n), code_grams(code_of(texts), n)
    rows = np.concatenate([words.rows, tokens.rows])
    order = np.argsort(rows, kind="stable")
    values = np.concatenate([words.values, tokens.values])[order]
    return Grams(values, words.counts + tokens.counts)


def as_sets(grams: Grams) -> Grams:
    """Each n-gram of a row once, in order of size."""
    rows = grams.rows
    order = np.lexsort((grams.values, rows))
    values, rows = grams.values[order], rows[order]
    first = np.ones(len(values), dtype=bool)
    first[1:] = (values[1:] != values[:-1]) | (rows[1:] != rows[:-1])
    counts = np.bincount(rows[first], minlength=len(grams.counts)).astype(np.int64)
    return Grams(values[first], counts)


def slices(rows: int, size: int = SLICE) -> Iterator[slice]:
    """Slices that cover so many rows."""
    return (slice(start, min(start + size, rows)) for start in range(0, rows, size))


def _grams(texts: pl.Series, pattern: str, seed: int, n: int) -> Grams:
    tokens = texts.fill_null("").str.extract_all(pattern)
    sizes = tokens.list.len().to_numpy().astype(np.int64)
    flat = tokens.list.explode(empty_as_null=False, keep_nulls=False)
    return _windows(flat.hash(seed).to_numpy(), sizes, n)


def _windows(tokens: Hashes, sizes: Sizes, n: int) -> Grams:
    """Windows of ``n`` tokens within each row; short rows are filled up with zeros."""
    wide = np.where(sizes > 0, np.maximum(sizes, n), 0)
    starts, old = np.cumsum(wide) - wide, np.cumsum(sizes) - sizes
    padded = np.zeros(int(wide.sum()) + n, dtype=np.uint64)
    padded[np.arange(len(tokens)) + np.repeat(starts - old, sizes)] = tokens
    counts = np.where(sizes > 0, wide - n + 1, 0)
    before = np.cumsum(counts) - counts
    places = np.arange(int(counts.sum())) + np.repeat(starts - before, counts)
    values = np.zeros(len(places), dtype=np.uint64)
    for step in range(n):
        values = values * _STEP + padded[places + step]
        values ^= values >> np.uint64(29)
    values *= _TWIST
    values ^= values >> np.uint64(32)
    return Grams(values, counts)
