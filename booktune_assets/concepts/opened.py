"""A book laid open for concepts: its body sections, their blocks, what stands beside them.

Belongs here: the parts of the frames of ``sections`` that concepts need, in reading order. Does
not: what is found in them (``found.py``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import polars as pl

from booktune_assets.concepts.definitions import Defined, defined_by, described_by
from booktune_assets.concepts.sentences import Sentence, split_sentences

__all__ = ["NUMBERED", "PROSE", "Entry", "Opened", "Row", "defining_in", "is_code", "open_book"]

Row = dict[str, Any]
PROSE = ("prose", "list", "callout", "answer")
_CODE = ("code", "iex", "erl_shell")
_LANGS = ("elixir", "erlang", "iex", "erl_shell")
NUMBERED = re.compile(r"(\d+)[-_. ]+(?=\D)")


@dataclass(frozen=True, slots=True)
class Entry:
    """A term of the index or the glossary: block that holds it, section number that is meant.

    ``said`` is what a glossary says of it.
    """

    kind: str
    term: str
    block: Row
    section: int | None
    said: str = ""


@dataclass(slots=True)
class Opened:
    """A book, or books that are the parts of one. Sections are numbered in reading order.

    ``names`` are names of whole stretches of sections: section number to the name of the file that
    begins there, and how many sections it has.
    """

    book_id: str
    sections: list[Row]
    blocks: list[tuple[int, Row]]  # section number, block
    defining: dict[str, tuple[tuple[Sentence, Defined], ...]]  # by block id
    entries: list[Entry] = field(default_factory=list[Entry])
    names: dict[int, tuple[str, int]] = field(default_factory=dict[int, tuple[str, int]])

    def family(self, number: int) -> range:
        """A section and the sections below it."""
        level = self.sections[number]["level"]
        after = number + 1
        while after < len(self.sections) and self.sections[after]["level"] > level:
            after += 1
        return range(number, after)


def open_book(book_id: str, frames: Mapping[str, pl.DataFrame]) -> Opened:
    """The book of the frames of ``sections``; those of index and glossary may be missing."""
    body = frames["sections"].filter(pl.col("role") == "body").sort("ordinal").to_dicts()
    number = {row["section_id"]: place for place, row in enumerate(body)}
    everything = frames["sections__blocks"].sort("ordinal").to_dicts()
    rows = [(number[row["section_id"]], row) for row in everything if row["section_id"] in number]
    rows.sort(key=lambda item: (item[0], item[1]["ordinal"]))
    defining = {
        row["block_id"]: defining_in(row["text"]) for _, row in rows if row["kind"] in PROSE
    }
    by_id = {row["block_id"]: row for row in everything}
    book = Opened(book_id, body, rows, defining, _entries(frames, number, by_id))
    if body:
        book.names[0] = (NUMBERED.sub("", book_id, count=1).replace("-", " "), len(body))
    return book


@lru_cache(maxsize=4096)
def defining_in(text: str) -> tuple[tuple[Sentence, Defined], ...]:
    """Sentences of a paragraph that define something, or describe it (strength 0)."""
    found = (
        (sentence, defined_by(sentence.text) or described_by(sentence.text))
        for sentence in split_sentences(text)
    )
    return tuple((sentence, defined) for sentence, defined in found if defined)


def is_code(row: Row) -> bool:
    """Is the block Elixir or Erlang, as a listing or a session?"""
    return row["kind"] in _CODE and row["lang"] in _LANGS


def _entries(
    frames: Mapping[str, pl.DataFrame], number: Mapping[str, int], blocks: Mapping[str, Row]
) -> list[Entry]:
    """Main terms of the index and terms of the glossary, each with the section that is meant."""
    found: list[Entry] = []
    for kind in ("index", "glossary"):
        frame = frames.get(f"sections__{kind}")
        if frame is None:
            continue
        for row in frame.sort("entry").to_dicts():
            if row["block_id"] in blocks:
                meant = number.get(row["section_id"] or "")
                said = str(row.get("definition") or "").strip() if kind == "glossary" else ""
                found.append(Entry(kind, row["term"], blocks[row["block_id"]], meant, said))
    return _once(found)


def _once(found: list[Entry]) -> list[Entry]:
    """One entry per term and place: an index names several pages of one section."""
    seen: dict[tuple[str, str, str, int | None], Entry] = {}
    for entry in found:
        seen.setdefault((entry.kind, entry.term, entry.block["block_id"], entry.section), entry)
    return list(seen.values())
