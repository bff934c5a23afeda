"""Where in a book each checked expression stands.

Belongs here: the page (or the place in an EPUB) of a row. Does not: verdicts (``verify.py``),
pictures of pages (``books/crops.py``). A listing may go over several pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

__all__ = ["at", "placed", "places_of"]

Row = dict[str, Any]


def places_of(spans: pl.DataFrame) -> dict[str, Row]:
    """Where each block begins: a row of ``sections__spans`` by block id."""
    first = spans.sort("block_id", "part").unique("block_id", keep="first")
    return {row["block_id"]: row for row in first.iter_rows(named=True)}


def at(row: Row, place: Mapping[str, Any]) -> Row:
    """The row with ``page`` and ``href`` of a row of ``sections__spans``, or without any."""
    return row | {"page": place.get("page"), "href": place.get("href")}


def placed(rows: Sequence[Row], frames: Mapping[str, pl.DataFrame]) -> list[Row]:
    """The rows, in the order of the book for each toolchain, with ``page`` and ``href``."""
    parts: dict[str, list[Row]] = {}
    for span in frames["sections__spans"].sort("block_id", "part").iter_rows(named=True):
        parts.setdefault(span["block_id"], []).append(span)
    texts = dict(frames["sections__blocks"].select("block_id", "text").iter_rows())
    reached: dict[tuple[str, str], int] = {}  # an expression may stand there twice
    found: list[Row] = []
    for row in rows:
        key = (row["block_id"], row["toolchain"])
        first = str(row["code"]).strip().split("\n", 1)[0]
        spot = str(texts.get(row["block_id"], "")).find(first, reached.get(key, 0))
        if spot < 0:  # it was put together from several lines
            spot = reached.get(key, 0)
        reached[key] = spot + (len(first) if row["kind"] == "expression" else 0)
        found.append(at(row, _part(parts.get(row["block_id"], []), spot)))
    return found


def _part(spans: Sequence[Row], spot: int) -> Row:
    """The part of a block in which its character ``spot`` stands."""
    if not spans:
        return {}
    start = spans[0]["char_start"] or 0
    return next((one for one in spans if spot < (one["char_end"] or 0) - start), spans[-1])
