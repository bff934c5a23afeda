"""Which examples a person is asked about, and all that is shown of one.

Belongs here: the list with its filters, one example as plain data. Does not: HTTP (``server.py``),
the table of decisions (``decisions.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import polars as pl

from booktune_assets.errors import BookError, BooktuneError, Code
from booktune_assets.ids import stable_int
from booktune_assets.lake import Lake
from booktune_assets.lineage import Trace, pictures, trace_pair
from booktune_assets.review.decisions import Decision
from booktune_assets.settings import Settings

__all__ = ["Queue"]

STATES = ("all", "open", "accept", "edit", "reject")


class Queue:
    """The pairs of the current set, and those that were rejected, so that one can go back.

    Read once: what is shown stays in step with itself while sets are made anew.
    """

    def __init__(self, settings: Settings, decided: Mapping[str, Decision]) -> None:
        self._settings, lake = settings, Lake(settings.lake)
        key = lake.current_key("sharegpt_set")
        if key is None:
            raise BookError(Code.NOT_BUILT, "Build it: booktune run", asset="sharegpt_set")
        rows = lake.read("sharegpt_set", key).select("pair_id", "book_id", "family")
        books = lake.keys("instruction_pairs")
        known = lake.read_all("instruction_pairs", books).select("pair_id", "book_id", "family")
        back = known.filter(pl.col("pair_id").is_in([*decided]))
        self._rows = pl.concat([rows, back.join(rows, on="pair_id", how="anti")])
        order = [stable_int(name) for name in self._rows["pair_id"]]
        self._rows = self._rows.with_columns(mixed=pl.Series(order, dtype=pl.UInt64))
        self._book = dict(self._rows.select("pair_id", "book_id").iter_rows())

    def choices(self) -> dict[str, list[str]]:
        """Books, families and states to choose from."""
        return {
            "book": sorted(self._rows["book_id"].unique().to_list()),
            "family": sorted(self._rows["family"].unique().to_list()),
            "state": list(STATES),
        }

    def ids(
        self, decided: Mapping[str, Decision], *, book: str = "", family: str = "",
        state: str = "all", mixed: bool = False,
    ) -> list[str]:  # fmt: skip
        """Pair ids that the filters let through, in the order of the book or mixed by hash."""
        rows = self._rows.sort("mixed") if mixed else self._rows
        if book:
            rows = rows.filter(pl.col("book_id") == book)
        if family:
            rows = rows.filter(pl.col("family") == family)
        names: list[str] = rows["pair_id"].to_list()
        if state == "open":
            return [name for name in names if name not in decided]
        if state in STATES[2:]:
            return [n for n in names if n in decided and decided[n].decision == state]
        return names

    def book_of(self, pair_id: str) -> str:
        """The book of a pair that is asked about; raises ``UNKNOWN_EXAMPLE``."""
        if pair_id not in self._book:
            raise BookError(Code.UNKNOWN_EXAMPLE, "It is not in the list", pair=pair_id)
        return self._book[pair_id]

    def shown(self, pair_id: str) -> dict[str, Any]:
        """One pair with its evidence, as JSON can hold it."""
        found = self._trace(pair_id)
        quotes = [
            {
                "role": quote.role, "text": quote.text, "path": " › ".join(quote.section_path),
                "pages": sorted({place.page for place in quote.places if place.page is not None}),
                "parts": list(dict.fromkeys(p.href for p in quote.places if p.href)),
            }
            for quote in found.quotes
        ]  # fmt: skip
        return {
            "pair_id": pair_id, "book_id": found.book_id, "title": found.title,
            "family": found.family, "kind": found.kind, "split": found.split,
            "turns": _said(found.original or found.turns), "quotes": quotes, "pages": found.pages,
            "making": asdict(found.making) if found.making else None, "licence": found.licence,
        }  # fmt: skip

    def picture(self, pair_id: str, page: int) -> bytes | None:
        """PNG of a page with the evidence outlined; None where the book has none to show."""
        try:
            return pictures(self._settings, self._trace(pair_id), [page]).get(page)
        except BooktuneError:
            return None  # the file changed or is gone: the quotes are still there

    def turns(self, pair_id: str) -> list[dict[str, str]]:
        """The pair's own turns, before any edit."""
        found = self._trace(pair_id)
        return _said(found.original or found.turns)

    def _trace(self, pair_id: str) -> Trace:
        return trace_pair(self._settings, self.book_of(pair_id), pair_id)


def _said(turns: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in turns]
