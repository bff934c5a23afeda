"""Where in a book each checked expression stands.

Belongs here: the page (or the place in an EPUB) of a row. Does not: verdicts (``verify.py``),
pictures of pages (``books/crops.py``). A listing may go over several pages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

__all__ = ["at", "lines_of", "placed", "places_of"]

_PROMPT = re.compile(r"^\s*(?:iex(?:\([^()\s]*\))?|\([^()\s]+\)\d*|\d+)?>\s")
Row = dict[str, Any]


def places_of(spans: pl.DataFrame) -> dict[str, Row]:
    """Where each block begins: a row of ``sections__spans`` by block id."""
    first = spans.sort("block_id", "part").unique("block_id", keep="first")
    return {row["block_id"]: row for row in first.iter_rows(named=True)}


def at(row: Row, place: Mapping[str, Any]) -> Row:
    """The row with ``page`` and ``href`` of a row of ``sections__spans``, or without any."""
    return row | {"page": place.get("page"), "href": place.get("href")}


def placed(rows: Sequence[Row], frames: Mapping[str, pl.DataFrame]) -> list[Row]:
    """The rows, in the order of the book for each toolchain, with ``page``, ``href`` and
    ``section_line``."""
    parts: dict[str, list[Row]] = {}
    for span in frames["sections__spans"].sort("block_id", "part").iter_rows(named=True):
        parts.setdefault(span["block_id"], []).append(span)
    texts = dict(frames["sections__blocks"].select("block_id", "text").iter_rows())
    sections = dict(frames["sections"].select("section_id", "text").iter_rows())
    reached: dict[tuple[str, str], int] = {}  # an expression may stand there twice
    found: list[Row] = []
    for row in rows:
        key = (row["block_id"], row["toolchain"])
        first = str(row["code"]).strip().split("\n", 1)[0]
        spot = str(texts.get(row["block_id"], "")).find(first, reached.get(key, 0))
        if spot < 0:  # it was put together from several lines
            spot = reached.get(key, 0)
        reached[key] = spot + (len(first) if row["kind"] == "expression" else 0)
        spans = parts.get(row["block_id"], [])
        begun = (spans[0]["char_start"] or 0) + spot if spans else 0
        line = str(sections.get(row["section_id"], "")).count("\n", 0, begun) + 1
        found.append(at(row, _part(spans, spot)) | {"section_line": line if spans else None})
    return found


def lines_of(rows: Sequence[Row], text: str) -> list[int | None]:
    """The line of a file of plain text in which each row begins, from 1; rows in the order of the
    book for each toolchain. None where its first line stands nowhere below the row before."""
    lines = [_PROMPT.sub("", line).strip() for line in text.split("\n")]
    reached: dict[str, int] = {}
    found: list[int | None] = []
    for row in rows:
        first = str(row["code"]).strip().split("\n", 1)[0].strip()
        below = range(reached.get(row["toolchain"], 0), len(lines))
        spot = next((n for n in below if first and lines[n].startswith(first)), None)
        found.append(None if spot is None else spot + 1)
        if spot is not None:
            reached[row["toolchain"]] = spot + 1
    return found


def _part(spans: Sequence[Row], spot: int) -> Row:
    """The part of a block in which its character ``spot`` stands."""
    if not spans:
        return {}
    start = spans[0]["char_start"] or 0
    return next((one for one in spans if spot < (one["char_end"] or 0) - start), spans[-1])
