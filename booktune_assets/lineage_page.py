"""From a page to what rests on it: which examples die when the page changes.

Belongs here: pairs whose evidence stands on a page or in a part of a book, what their sets made of
them, how often each place of a book is used. Does not: the way from an example to its page
(``lineage.py``).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from booktune_assets.errors import BookError, Code
from booktune_assets.lake import Lake
from booktune_assets.lineage_fate import SETS, rows_of
from booktune_assets.settings import Settings

__all__ = ["OnPage", "PageTrace", "page_trace", "places_of"]


@dataclass(frozen=True, slots=True)
class OnPage:
    """A pair with a quote on the page, and what it is in the current sets.

    ``elsewhere``: it has quotes on other pages too. ``gate``: why a set left it out, else empty.
    """

    pair_id: str
    family: str
    split: str
    question: str
    quotes: int
    elsewhere: bool
    examples: tuple[str, ...]
    gate: str


@dataclass(frozen=True, slots=True)
class PageTrace:
    """All that rests on one page, or on one part of a book without pages."""

    book_id: str
    page: int | None
    href: str | None
    pairs: tuple[OnPage, ...]

    @property
    def examples(self) -> list[str]:
        """Ids of the examples that rest on the page, in order."""
        return [name for pair in self.pairs for name in pair.examples]


def places_of(evidence: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """``pair_id ordinal page href`` of every place that a quote touches.

    ``evidence`` and ``spans`` are rows of ``instruction_pairs__evidence`` and ``sections__spans``.
    """
    columns = ("section_id", "block_id", "page", "href")
    where = spans.select(*columns, begins="char_start", ends="char_end")
    return (
        evidence.join(where, on=["section_id", "block_id"])
        .filter((pl.col("begins") < pl.col("char_end")) & (pl.col("ends") > pl.col("char_start")))
        .select("pair_id", "ordinal", "page", "href")
    )


def page_trace(settings: Settings, where: str) -> PageTrace:
    """What rests on ``BOOK:PAGE``, or on ``BOOK:PART`` of a book without pages.

    Raises ``UNKNOWN_BOOK`` or ``UNKNOWN_PAGE``.
    """
    lake = Lake(settings.lake)
    book, _, place = where.strip().partition(":")
    if lake.receipt("sections", book) is None or lake.receipt("instruction_pairs", book) is None:
        raise BookError(Code.UNKNOWN_BOOK, "Say BOOK:PAGE; keys are in: booktune status", book=book)
    spans = lake.read("sections__spans", book)
    page, href = _named(spans, book, place)
    here = pl.col("page") == page if page is not None else pl.col("href") == href
    places = places_of(lake.read("instruction_pairs__evidence", book), spans)
    on_page = places.filter(here)
    quotes = dict(on_page.group_by("pair_id").agg(pl.col("ordinal").n_unique()).iter_rows())
    others = set(places.filter(~here)["pair_id"].to_list())
    chosen = lake.read("instruction_pairs", book).filter(pl.col("pair_id").is_in(sorted(quotes)))
    examples, gates = _in_sets(lake, sorted(quotes))
    rows = [
        OnPage(
            row["pair_id"], row["family"], row["split"], row["turns"][0]["content"],
            quotes[row["pair_id"]], row["pair_id"] in others,
            tuple(examples.get(row["pair_id"], ())), gates.get(row["pair_id"], ""),
        )
        for row in chosen.sort("family", "pair_id").iter_rows(named=True)
    ]  # fmt: skip
    return PageTrace(book, page, href, tuple(rows))


def _named(spans: pl.DataFrame, book: str, place: str) -> tuple[int | None, str | None]:
    """The page or part that is meant; a part may be named without its anchor."""
    pages = spans["page"].drop_nulls()
    if place.isdecimal() and pages.len():
        if int(place) <= pages.max():  # pyright: ignore[reportOperatorIssue]
            return int(place), None
    else:
        parts = spans["href"].drop_nulls().unique(maintain_order=True).to_list()
        found = [href for href in parts if place in (href, href.partition("#")[0])]
        if found:
            return None, str(found[0])
    if not place:
        raise BookError(Code.UNKNOWN_PAGE, "Say BOOK:PAGE, such as " + book + ":12", book=book)
    last = f"pages go up to {pages.max()}" if pages.len() else "it has parts, not pages"
    raise BookError(Code.UNKNOWN_PAGE, f"{last}: see booktune show {book}", book=book, page=place)


def _in_sets(lake: Lake, pairs: list[str]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Example ids and gates of the current sets, by pair."""
    examples: dict[str, list[str]] = {}
    gates: dict[str, str] = {}
    mine = pl.col("pair_id").is_in(pairs)
    for asset in SETS:
        key = lake.current_key(asset)
        if key is None:
            continue
        for pair, name in rows_of(lake, asset, key, mine, ("pair_id", "example_id")).iter_rows():
            examples.setdefault(pair, []).append(name)
        dropped = rows_of(lake, f"{asset}__dropped", key, mine, ("pair_id", "gate", "reason"))
        for pair, gate, reason in dropped.iter_rows():
            gates[pair] = f"{gate} {reason}"
    return examples, gates
