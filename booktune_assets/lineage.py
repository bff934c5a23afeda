"""From a training example back to the page it came from.

Belongs here: the walk example → pair → quote → section → page → file over the lake, and the picture
of the page. Does not: printing (``cli/``), the same walk for all examples at once (the mart
``example_lineage``).

Only the columns that the answer needs are read, and only of the book concerned: a trace takes well
under a second on a large shelf. Of a book that was read precisely, the very words of a quote are
marked, of others the blocks that hold it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from booktune_assets.errors import BookError, Code
from booktune_assets.lake import Lake, replaced
from booktune_assets.settings import Settings

__all__ = ["Place", "Quote", "Trace", "crops", "trace"]

SETS = {"sharegpt_set": "sharegpt", "alpaca_set": "alpaca"}
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece of a quote stands: a box on a page, or a part of the book."""

    page: int | None
    href: str | None
    box: Box | None


@dataclass(frozen=True, slots=True)
class Quote:
    """A verbatim quote behind the example, its section and the places that it touches."""

    ordinal: int
    role: str
    text: str
    section_id: str
    section_path: tuple[str, ...]
    block_id: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """The whole way back. ``example_id`` is None when the walk began at a pair."""

    example_id: str | None
    set_id: str | None
    format: str | None
    pair_id: str
    book_id: str
    title: str
    file_name: str
    file_sha256: str
    family: str
    kind: str
    split: str
    verification: str
    turns: tuple[tuple[str, str], ...]
    quotes: tuple[Quote, ...]
    also_in: tuple[tuple[str, str], ...] = ()  # book and pair of other books that say the same

    @property
    def pages(self) -> list[int]:
        """Pages that hold evidence, in order."""
        found = {place.page for quote in self.quotes for place in quote.places}
        return sorted(page for page in found if page is not None)

    @property
    def hrefs(self) -> list[str]:
        """Parts of the book that hold evidence, for formats without pages."""
        found = (place.href for quote in self.quotes for place in quote.places)
        return list(dict.fromkeys(href for href in found if href))


def trace(settings: Settings, example_id: str) -> Trace:
    """The way back of an example (``ex_…``) or of a pair (``pair_…``).

    Raises ``UNKNOWN_EXAMPLE``, or ``STALE_INPUT`` when the pair was made anew since the set.
    """
    lake = Lake(settings.lake)
    wanted = example_id.strip()
    if wanted.startswith("pair_"):
        pair_id, book, source = wanted, _book_of_pair(lake, wanted), None
    else:
        source = _find_example(lake, wanted)
        pair_id, book = str(source["pair_id"]), str(source["book_id"])
    pair = _row(lake, "instruction_pairs", book, pl.col("pair_id") == pair_id)
    if pair is None:
        raise BookError(
            Code.STALE_INPUT,
            "Its pair was made anew since the set was: booktune run sharegpt_set alpaca_set",
            example=wanted, pair=pair_id,
        )  # fmt: skip
    raw = _row(lake, "raw_books", book, pl.lit(True)) or {}
    return Trace(
        example_id=None if source is None else wanted,
        set_id=None if source is None else str(source["set_id"]),
        format=None if source is None else str(source["format"]),
        pair_id=pair_id,
        book_id=book,
        title=str(raw.get("title", book)),
        file_name=str(raw.get("file_name", "")),
        file_sha256=_file_of(lake, book, str(pair["section_id"]))
        or str(raw.get("file_sha256", "")),
        family=str(pair["family"]),
        kind=str(pair["kind"]),
        split=str(pair["split"] if source is None else source["split"]),
        verification=str(pair["verification"]),
        turns=tuple((str(turn["role"]), str(turn["content"])) for turn in pair["turns"]),
        quotes=_quotes(lake, book, pair_id),
        also_in=tuple(
            (one["book_id"], one["pair_id"]) for one in (source or {}).get("also_in", ())
        ),
    )


def crops(settings: Settings, found: Trace, folder: Path) -> list[Path]:
    """One PNG for each page with evidence, its boxes outlined; none for formats without pages.

    Raises ``STALE_INPUT`` when the file on the shelf is not the one that was read.
    """
    if not found.pages:
        return []
    from booktune_assets.books.crops import crop_page
    from booktune_assets.books.shelf import Shelf

    shelf = Shelf(settings)
    book = shelf.book(found.book_id)
    if shelf.fingerprint(book) != found.file_sha256:
        raise BookError(
            Code.STALE_INPUT, f"The file changed since it was read: booktune run --book {book.key}",
            book=book.key, file=book.path.name,
        )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    for page in found.pages:
        boxes = [
            place.box
            for quote in found.quotes
            for place in quote.places
            if place.page == page and place.box is not None
        ]
        picture = crop_page(book.path, page, boxes)
        if picture is None:
            continue
        target = folder / f"{found.example_id or found.pair_id}-p{page}.png"
        with replaced(target) as temp:
            temp.write_bytes(picture)
        made.append(target)
    return made


def _find_example(lake: Lake, example_id: str) -> dict[str, Any]:
    """The example's row in the current sets, else in the newest older set that has it."""
    for asset in SETS:
        current = lake.current_key(asset)
        older = [key for key in lake.keys(asset) if key != current]
        older.sort(key=lambda key: _made_at(lake, asset, key), reverse=True)
        for key in [current, *older] if current else older:
            row = _row(lake, asset, key, pl.col("example_id") == example_id)
            if row is not None:
                return {**row, "set_id": key, "format": SETS[asset]}
    raise BookError(
        Code.UNKNOWN_EXAMPLE,
        "Ids start with ex_ or pair_ and stand in the exports, the report and the mart "
        "example_lineage",
        example=example_id,
    )


def _made_at(lake: Lake, asset: str, key: str) -> float:
    receipt = lake.receipt(asset, key)
    return receipt.made_at if receipt else 0.0


def _book_of_pair(lake: Lake, pair_id: str) -> str:
    for key in lake.keys("instruction_pairs"):
        if _row(lake, "instruction_pairs", key, pl.col("pair_id") == pair_id, "book_id"):
            return key
    raise BookError(Code.UNKNOWN_EXAMPLE, "No book has this pair now", pair=pair_id)


def _rows(lake: Lake, table: str, key: str, where: pl.Expr, columns: Sequence[str]) -> pl.DataFrame:
    """Rows of one table of one key; none when it is not built."""
    asset = table.split("__", 1)[0]
    if lake.receipt(asset, key) is None:
        return pl.DataFrame()
    found = pl.scan_parquet(lake.path(table, key)).filter(where)
    return (found.select(columns) if columns else found).collect()


def _row(lake: Lake, table: str, key: str, where: pl.Expr, *columns: str) -> dict[str, Any] | None:
    found = _rows(lake, table, key, where, columns)
    return found.row(0, named=True) if found.height else None


def _file_of(lake: Lake, book: str, section_id: str) -> str | None:
    """The file that the section's spans were taken from."""
    row = _row(lake, "sections__spans", book, pl.col("section_id") == section_id, "file_sha256")
    return None if row is None else str(row["file_sha256"])


def _quotes(lake: Lake, book: str, pair_id: str) -> tuple[Quote, ...]:
    evidence = _rows(lake, "instruction_pairs__evidence", book, pl.col("pair_id") == pair_id, ())
    if evidence.is_empty():
        return ()
    ids = evidence["section_id"].unique().to_list()
    here = pl.col("section_id").is_in(ids)
    sections = _rows(lake, "sections", book, here, ("section_id", "title_path"))
    paths = {row["section_id"]: tuple(row["title_path"]) for row in sections.iter_rows(named=True)}
    spans = _rows(lake, "sections__spans", book, here, ()).to_dicts()
    exact = _exact_places(lake, book, evidence)
    return tuple(
        Quote(
            int(row["ordinal"]), str(row["role"]), str(row["quote"]), str(row["section_id"]),
            paths.get(row["section_id"], ()), str(row["block_id"]),
            exact.get(int(row["ordinal"])) or _places(row, spans),
        )
        for row in evidence.sort("ordinal").iter_rows(named=True)
    )  # fmt: skip


def _exact_places(lake: Lake, book: str, evidence: pl.DataFrame) -> dict[int, tuple[Place, ...]]:
    """Where the very words of quotes are drawn, by their ordinal; only of books read precisely."""
    from booktune_assets.books.multimodal import word_boxes

    blocks = pl.col("block_id").is_in(evidence["block_id"].unique().to_list())
    words = _rows(lake, "raw_books__words", book, blocks, ())
    if words.is_empty():
        return {}
    begins = _rows(lake, "sections__blocks", book, blocks, ("block_id", "char_start"))
    starts = {str(name): int(start) for name, start in begins.iter_rows()}
    found: dict[int, tuple[Place, ...]] = {}
    for row in evidence.iter_rows(named=True):
        start = starts.get(row["block_id"])
        if start is None:
            continue
        boxes = word_boxes(
            words, row["block_id"], row["char_start"] - start, row["char_end"] - start
        )
        found[int(row["ordinal"])] = tuple(
            Place(page, None, box) for page, every in boxes.items() for box in every
        )
    return found


def _places(quote: dict[str, Any], spans: list[dict[str, Any]]) -> tuple[Place, ...]:
    """Places of the spans that the quote overlaps, in reading order."""
    touched = [
        span
        for span in spans
        if span["section_id"] == quote["section_id"]
        and span["char_start"] < quote["char_end"]
        and span["char_end"] > quote["char_start"]
    ]
    touched.sort(key=lambda span: (span["char_start"], span["part"]))
    return tuple(Place(span["page"], span["href"], _box(span)) for span in touched)


def _box(span: dict[str, Any]) -> Box | None:
    sides = (span["x0"], span["y0"], span["x1"], span["y1"])
    return None if None in sides else sides
