"""Quotes of a model found in the book: verbatim but for white space, and where they stand.

Belongs here: matching and mapping back to characters of the section. Does not: whether a quote
supports anything (``judges.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from booktune_assets.pairs.candidate import Quote
from booktune_assets.pairs.recipes.base import Block, Passage

__all__ = ["QUOTE_CHARS", "located", "place_quotes", "placed_now"]

QUOTE_CHARS = 8  # a shorter quote supports nothing, unless it is a whole block


def located(quote: str, text: str) -> tuple[int, int] | None:
    """``(start, end)`` of the quote in the text, runs of white space being alike; None if absent.

    ``text[start:end]`` is what stands there, with its own white space and without any around it.
    """
    needle = " ".join(quote.split())
    if not needle:
        return None
    plain, places = _collapsed(text)
    at = plain.find(needle)
    if at < 0:
        return None
    return places[at], places[at + len(needle) - 1] + 1


def place_quotes(quoted: Sequence[tuple[str, str]], passage: Passage) -> tuple[list[Quote], str]:
    """Exact quotes of ``(label, words)`` and the first reason against them, or an empty string.

    A quote that stands in another block than the named one is taken from where it stands.
    """
    found: list[Quote] = []
    for label, words in quoted:
        named = sorted(passage.blocks, key=lambda block: block.label != label)
        hit = next(((block, spot) for block in named if (spot := located(words, block.text))), None)
        if hit is None:
            return found, "quote_not_in_evidence" if words.strip() else "quote_empty"
        block, (start, end) = hit
        if end - start < min(QUOTE_CHARS, len(block.text.strip())):
            return found, "quote_too_short"
        if not any(_covers(one, block, start, end) for one in found):
            found.append(_quote(passage, block, start, end))
    return found, "" if found else "no_quote"


def placed_now(frame: pl.DataFrame, passages: Mapping[str, Passage]) -> pl.DataFrame:
    """Rows made of these passages before, where their words stand now.

    ``passages`` are those behind each pair or candidate. The words of a passage are the same, its
    section may have become another one and be longer above it.
    """
    rows = frame.to_dicts()
    for row in rows:
        passage = passages[row.get("pair_id") or row["candidate_id"]]
        row["section_id"] = passage.section_id
        if "quote" in row:
            named = sorted(passage.blocks, key=lambda block: block.block_id != row["block_id"])
            block = next(one for one in named if row["quote"] in one.text)
            start = block.start + block.text.index(row["quote"])
            end = start + len(row["quote"])
            row |= {"block_id": block.block_id, "char_start": start, "char_end": end}
    return pl.DataFrame(rows, schema=frame.schema)


def _quote(passage: Passage, block: Block, start: int, end: int) -> Quote:
    return Quote(
        passage.section_id, block.block_id, block.start + start, block.start + end,
        block.text[start:end], "answer",
    )  # fmt: skip


def _covers(one: Quote, block: Block, start: int, end: int) -> bool:
    return one.start <= block.start + start and block.start + end <= one.end


def _collapsed(text: str) -> tuple[str, list[int]]:
    """The text with single blanks, and for each of its characters where it came from."""
    out: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        if char.isspace():
            if not out or out[-1] == " ":
                continue
            char = " "
        out.append(char)
        places.append(place)
    return "".join(out), places
