"""The ready books as the sets read them: narrow columns in memory, texts a book at a time.

Belongs here: pairs without their messages, messages of some of them, evidence without its words,
texts of sections, the tables of one book. Does not: which books are ready (``books.py``), the
rules (``pairs/``).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from booktune_assets.chain.review import edited
from booktune_assets.lake import Lake, alive
from booktune_assets.on_disk import Column, Places
from booktune_assets.settings import Settings

if TYPE_CHECKING:
    from booktune_assets.pairs.render import Book

__all__ = ["Shelved", "Texts", "work_of"]

_PAIRS = (
    "pair_id", "book_id", "section_id", "family", "level", "generator", "verification",
    "concept_ids", "answer_chars", "answer_tokens", "code_tokens", "split",
)  # fmt: skip
_EVIDENCE = (
    "pair_id", "ordinal", "section_id", "block_id", "role", "char_start", "char_end",
)  # fmt: skip


class Shelved:
    """The tables of some books, of which texts are read when they are asked for.

    ``pairs`` has the columns that are chosen by, ``messages`` (how many), ``chars`` (of all of
    them), ``gates`` (of people only) and ``at``, the number by which messages are found.
    """

    def __init__(self, lake: Lake, settings: Settings, books: list[str]) -> None:
        self.books, self.folder = books, work_of(settings)
        self._lake, self._settings = lake, settings
        self._edits = set(edits_of(settings))
        self._turns = lru_cache(maxsize=2)(self._read_turns)
        heights: list[int] = []
        parts: list[pl.DataFrame] = []
        for book in books:
            parts.append(self._narrow(self.pairs_of(book), sum(heights)))
            heights.append(parts[-1].height)
        self._ends = np.cumsum(heights)
        self.pairs = pl.concat(parts)

    def __call__(self, pairs: pl.DataFrame) -> Column:
        """The messages of some of the pairs."""
        return _Told(self, pairs["at"].to_numpy())

    def pairs_of(self, book: str) -> pl.DataFrame:
        """All columns of a book's pairs, as people edited them."""
        pairs = self._lake.read("instruction_pairs", book)
        return edited(pairs, self._settings) if self._edits else pairs

    def evidence_of(self, book: str) -> pl.DataFrame:
        """All columns of a book's evidence."""
        return self._lake.read("instruction_pairs__evidence", book)

    def book(self, book: str, chosen: pl.DataFrame) -> Book:
        """The tables of a book for those of its pairs that are ``chosen``: ``pair_id split mark``.

        ``mark`` are the gates of people, which come behind the pair's own.
        """
        from booktune_assets.pairs.render import Book

        pairs = self.pairs_of(book).drop("split").join(chosen, on="pair_id")
        return Book(
            pairs.with_columns(gates=pl.concat_list("gates", "mark")).drop("mark"),
            self.evidence_of(book).join(chosen, on="pair_id", how="semi"),
            self._lake.read("sections", book),
            self._lake.read("sections__spans", book),
        )

    def texts_of(self, book: str) -> dict[str, str]:
        """Texts of a book's sections by id."""
        return _texts(self._lake, book)

    def quotes(self, pairs: pl.Series) -> pl.DataFrame:
        """``pair_id role quote`` of some pairs."""
        paths = [self._lake.path("instruction_pairs__evidence", book) for book in self.books]
        return (
            pl.scan_parquet(paths)
            .filter(pl.col("pair_id").is_in(pairs.implode()))
            .select("pair_id", "role", "quote")
            .collect(engine="streaming")
        )

    @cached_property
    def evidence(self) -> pl.DataFrame:
        """The evidence of all pairs, with hashes in the place of quotes."""
        from booktune_assets.pairs.quoted import HASHES, slim

        return pl.concat([
            slim(self.evidence_of(book)).select(*_EVIDENCE, *HASHES) for book in self.books
        ])  # fmt: skip

    def sections(self) -> pl.DataFrame:
        """All sections without their texts."""
        paths = [self._lake.path("sections", book) for book in self.books]
        return pl.concat([
            pl.scan_parquet(path).select(pl.all().exclude("text")).collect() for path in paths
        ])  # fmt: skip

    def texts(self) -> Texts:
        """Texts of all sections by id."""
        return Texts(self._lake, self.books)

    def gather(self, rows: Places) -> pl.Series:
        """Messages by their numbers."""
        homes = np.searchsorted(self._ends, rows, side="right")
        if not len(rows):
            return self._turns(0).clear()
        first, last = int(homes.min()), int(homes.max())
        if first == last:
            return self._turns(first).gather(rows - self._start(first))
        order = np.argsort(homes, kind="stable")
        found: list[pl.Series] = []
        for home in np.unique(homes).tolist():
            found.append(self._turns(home).gather(rows[homes == home] - self._start(home)))
        return pl.concat(found).gather(np.argsort(order, kind="stable"))

    def _start(self, home: int) -> int:
        return int(self._ends[home - 1]) if home else 0

    def _read_turns(self, home: int) -> pl.Series:
        book = self.books[home]
        if self._edits:
            return self.pairs_of(book)["turns"]
        path = self._lake.path("instruction_pairs", book)
        return pl.read_parquet(path, columns=["turns"])["turns"]

    def _narrow(self, pairs: pl.DataFrame, start: int) -> pl.DataFrame:
        from booktune_assets.schemas_review import EDITED

        said = pl.col("turns").list.eval(pl.element().struct.field("content").str.len_chars())
        none = pl.lit([], pl.List(pl.String))
        gates = pl.when(pl.col("gates").list.contains(EDITED)).then("gates").otherwise(none)
        return pairs.select(
            *_PAIRS, gates=gates, messages=pl.col("turns").list.len(), chars=said.list.sum()
        ).with_columns(at=pl.int_range(pl.len(), dtype=pl.Int64) + start)


class _Told:
    """The messages of some pairs, by the row of a frame."""

    def __init__(self, shelf: Shelved, rows: Places) -> None:
        self._shelf, self._rows = shelf, rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, key: slice, /) -> pl.Series:
        return self._shelf.gather(self._rows[key])

    def gather(self, indices: Places, /) -> pl.Series:
        return self._shelf.gather(self._rows[indices])


class Texts(Mapping[str, str]):
    """Texts of sections by id, of which those of one book at a time are in memory."""

    def __init__(self, lake: Lake, books: list[str]) -> None:
        self._lake = lake
        self._homes = {
            section: book
            for book in books
            for section in pl.read_parquet(
                lake.path("sections", book), columns=["section_id"]
            )["section_id"]
        }  # fmt: skip
        self._of = lru_cache(maxsize=2)(partial(_texts, lake))

    def __getitem__(self, key: str, /) -> str:
        return self._of(self._homes[key])[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)


def _texts(lake: Lake, book: str) -> dict[str, str]:
    path = lake.path("sections", book)
    return dict(pl.read_parquet(path, columns=["section_id", "text"]).iter_rows())


def work_of(settings: Settings) -> Path:
    """Where this process keeps what it works with: on the disk of the lake. What a killed one left
    there is removed."""
    home = settings.home / "work" / "sets"
    own = home / str(os.getpid())
    own.mkdir(parents=True, exist_ok=True)
    for other in home.iterdir():
        if not alive(other.name):
            shutil.rmtree(other, ignore_errors=True)
    return own


def edits_of(settings: Settings) -> list[str]:
    """Pairs that a person edited."""
    from booktune_assets.review.decisions import Decisions

    return [one.pair_id for one in Decisions(settings).all().values() if one.decision == "edit"]
