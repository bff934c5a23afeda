"""What the page of a set shows, counted from the set and the lake.

Belongs here: joins and counts, as small frames and records. Does not: words and forms
(``parts.py heat.py samples.py``), files (``write.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from booktune_assets.chain.licences import licences_of
from booktune_assets.ids import stable_int
from booktune_assets.lake import Lake
from booktune_assets.lineage_page import places_of
from booktune_assets.on_disk import Rows
from booktune_assets.page.graphs import concept_pictures

__all__ = ["Cell", "PageData", "Used", "classed", "gather"]

OVER = 3.0  # times the median of used pages: from there on a page is over-mined
OVER_MIN = 9  # examples; fewer are no reason to look, whatever the median
SAMPLES = 2  # of each gate and reason
OVER_SHARE = 0.1  # of all examples: from there on a concept is over-mined
Row = dict[str, Any]

_TEXTS = ("conversations", "instruction", "input", "output", "evidence", "also_in")
_FROM_PAIRS = (
    "level", "generator", "verification", "concept_ids", "answer_tokens", "code_tokens", "recipe",
    "model",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """One page, section or concept, and how many examples rest on it.

    ``state``: unused, used, over (mined), or blank (nothing to take: no text, a contents page).
    """

    name: str
    examples: int
    state: str


@dataclass(frozen=True, slots=True)
class Used:
    """The cells of a book or of a level of concepts. ``what``: page, section or concept."""

    title: str
    what: str
    cells: tuple[Cell, ...]

    def count(self, *states: str) -> int:
        """Cells in these states."""
        return sum(cell.state in states for cell in self.cells)


@dataclass(frozen=True, slots=True)
class PageData:
    """All that the page shows. ``examples`` is the set; ``rows`` are its examples without their
    texts and with what their pairs know, for a set may have a million of them. ``dropped`` and
    ``rejected`` have ``id gate reason family turns …``, turns only where they are a sample;
    ``graphs`` has titles of books and pictures of their concepts."""

    asset: str
    key: str
    examples: pl.DataFrame | Rows
    rows: pl.DataFrame
    books: list[Row]
    pages: list[Used]
    concepts: list[Used]
    dropped: pl.DataFrame
    rejected: pl.DataFrame
    mix: pl.DataFrame | None
    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    notes: Mapping[str, object] = field(default_factory=dict[str, object])
    graphs: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def gather(
    lake: Lake, asset: str, key: str, frames: Mapping[str, pl.DataFrame | Rows],
    counts: Mapping[str, int], notes: Mapping[str, object],
) -> PageData:  # fmt: skip
    """Everything about a set; ``frames`` are its tables, which need not be in the lake yet."""
    examples, dropped = frames[asset], frames[f"{asset}__dropped"]
    mix = frames.get(f"{asset}__mix")
    assert isinstance(dropped, pl.DataFrame) and not isinstance(mix, Rows)
    names = [name for name in examples.columns if name not in _TEXTS]
    rows = examples.select(names) if isinstance(examples, pl.DataFrame) else examples.narrow(names)
    books = sorted({*rows["book_id"].to_list(), *dropped["book_id"].to_list()})
    missing = [name for name in _FROM_PAIRS if name not in rows.columns]
    pairs = _scan(lake, "instruction_pairs", books)
    full = rows.join(pairs.select("pair_id", *missing).collect(), on="pair_id", how="left")
    rejects = _scan(lake, "instruction_pairs__rejected", books)
    refused = classed(rejects.select("candidate_id", "gate", "reason", "family").collect())
    told = _books(lake, books, rows)
    return PageData(
        asset, key, examples, full, told,
        [_pages(lake, book, rows.filter(pl.col("book_id") == book)) for book in books],
        _concepts(lake, books, full), _sampled(dropped, pairs, "pair_id"),
        _sampled(refused, rejects, "candidate_id"), mix, counts, notes,
        concept_pictures(lake, told),
    )  # fmt: skip


def _scan(lake: Lake, table: str, books: list[str]) -> pl.LazyFrame:
    """A table of these books, of which only what is asked for is read."""
    return pl.scan_parquet([lake.path(table, book) for book in books])


def classed(refused: pl.DataFrame) -> pl.DataFrame:
    """Reasons that tell what a run gave ("gives 42") are of one class, and a detail of each."""
    told = pl.col("reason").str.contains(" ", literal=True)
    first = pl.col("reason").str.extract(r"^(\S+)") + " …"
    return refused.with_columns(
        detail=pl.when(told).then("reason"), reason=pl.when(told).then(first).otherwise("reason")
    )


def _sampled(rows: pl.DataFrame, source: pl.LazyFrame, name: str) -> pl.DataFrame:
    """The rows with an ``id``, and the turns of a few of each gate and reason."""
    found: list[str] = []
    for names in rows.group_by("gate", "reason").agg(name)[name].to_list():
        found += sorted(names, key=lambda one: (stable_int(one), one))[:SAMPLES]
    some = source.filter(pl.col(name).is_in(found)).select(name, "turns")
    turns = some.collect(engine="streaming")
    return rows.join(turns, on=name, how="left").rename({name: "id"})


def _books(lake: Lake, books: list[str], rows: pl.DataFrame) -> list[Row]:
    examples = dict(rows.group_by("book_id").len().iter_rows())
    known = {row["book_id"]: row for row in lake.read_all("raw_books", books).to_dicts()}
    told = licences_of(lake, books)
    return [
        known[book] | {"examples": examples.get(book, 0), "licence": told[book]} for book in books
    ]


def _pages(lake: Lake, book: str, rows: pl.DataFrame) -> Used:
    """Pages of a book; of one without pages its sections, in order."""
    info = lake.read("raw_books", book).row(0, named=True)
    mine = pl.col("pair_id").is_in(rows["pair_id"].implode())
    evidence = _scan(lake, "instruction_pairs__evidence", [book]).filter(mine)
    evidence = evidence.select(pl.all().exclude("quote", "book_id", "role")).collect()
    spans = lake.read("sections__spans", book)
    if spans["page"].null_count() < spans.height:
        places = places_of(evidence, spans)
        found = _tally(places, "page")
        pages = lake.read("raw_books__pages", book).sort("page")
        taken = set(spans["page"].drop_nulls().to_list())
        names = [(f"page {page}", found.get(page, 0), page in taken) for page in pages["page"]]
        return Used(str(info["title"]), "page", _cells(names))
    found = _tally(evidence, "section_id")
    sections = lake.read("sections", book).sort("ordinal")
    names = [
        (" › ".join(path), found.get(name, 0), bool(text.strip()))
        for name, path, text in sections.select("section_id", "title_path", "text").iter_rows()
    ]
    return Used(str(info["title"]), "section", _cells(names))


def _tally(rows: pl.DataFrame, column: str) -> dict[Any, int]:
    """Pairs by place."""
    return dict(rows.group_by(column).agg(pl.col("pair_id").n_unique()).iter_rows())


def _concepts(lake: Lake, books: list[str], rows: pl.DataFrame) -> list[Used]:
    """Concepts of all books by level; one that several books have counts once, at its lowest."""
    found = dict(
        rows.select(pl.col("concept_ids").list.unique().explode().alias("id"))
        .drop_nulls().group_by("id").len().iter_rows()
    )  # fmt: skip
    graph = (
        lake.read_all("concept_graph", books)
        .sort("level", "label", "book_id")
        .unique("concept_id", keep="first", maintain_order=True)
    )
    names = graph.select("concept_id", "label").iter_rows()
    limit = max(OVER_MIN, OVER_SHARE * rows.height)
    cells = _cells([(label, found.get(name, 0), True) for name, label in names], limit)
    levels = graph["level"].to_list()
    return [
        Used(f"Level {level}", "concept",
             tuple(cell for cell, own in zip(cells, levels, strict=True) if own == level))
        for level in sorted(set(levels))
    ]  # fmt: skip


def _cells(names: list[tuple[str, int, bool]], limit: float | None = None) -> tuple[Cell, ...]:
    """Cells from (name, examples, has it text?); over-mined from ``limit`` on, by default from a
    few times the median of the used."""
    used = sorted(count for _, count, _ in names if count)
    if limit is None:
        limit = max(OVER_MIN, OVER * used[len(used) // 2]) if used else OVER_MIN

    def state(count: int, text: bool) -> str:
        if count:
            return "over" if count >= limit else "used"
        return "unused" if text else "blank"

    return tuple(Cell(name, count, state(count, text)) for name, count, text in names)
