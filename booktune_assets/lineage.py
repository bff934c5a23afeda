"""From a training example back to the page it came from.

Belongs here: the walk example → pair → quote → section → page → file over the lake, and the picture
of the page. Does not: printing (``cli/``), what became of a pair (``lineage_fate.py``), the way
from a page to its examples (``lineage_page.py``), the same walk for all examples at once (the mart
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

from booktune_assets.chain.licences import licences_of
from booktune_assets.errors import BookError, Code
from booktune_assets.lake import Lake, replaced
from booktune_assets.lineage_fate import Making, Review, SetAside, aside, making, review_of, row_of
from booktune_assets.lineage_fate import rows_of as _rows
from booktune_assets.settings import Settings

__all__ = ["Place", "Quote", "Trace", "crops", "pictures", "trace", "trace_pair"]

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
    """The whole way back. ``example_id`` is None when the walk began at a pair.

    ``refused`` is (gate, reason) of a candidate that never became a pair: it has no quotes.
    ``aside`` says which sets left the pair out, and why. ``original`` are the turns before a person
    edited them.
    """

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
    section_id: str = ""
    section_path: tuple[str, ...] = ()
    licence: str = ""
    making: Making | None = None
    refused: tuple[str, str] | None = None
    aside: tuple[SetAside, ...] = ()
    review: Review | None = None
    original: tuple[tuple[str, str], ...] = ()

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
    """The way back of an example (``ex_…``), of a pair or of a refused candidate (``pair_…``).

    Raises ``UNKNOWN_EXAMPLE``, or ``STALE_INPUT`` when the pair was made anew since the set.
    """
    lake = Lake(settings.lake)
    wanted = example_id.strip()
    if wanted.startswith("pair_"):
        return trace_pair(settings, _book_of_pair(lake, wanted), wanted)
    source = _find_example(lake, wanted)
    return trace_pair(settings, str(source["book_id"]), str(source["pair_id"]), source)


def trace_pair(
    settings: Settings, book: str, pair_id: str, source: dict[str, Any] | None = None
) -> Trace:
    """The way back of a pair or candidate of a book; ``source`` is its row in a set, if known."""
    lake = Lake(settings.lake)
    pair = row_of(lake, "instruction_pairs", book, pl.col("pair_id") == pair_id)
    refused: tuple[str, str] | None = None
    if pair is None and source is None:
        pair = row_of(lake, "instruction_pairs__rejected", book, pl.col("candidate_id") == pair_id)
        refused = (str(pair["gate"]), str(pair["reason"])) if pair else None
    if pair is None:
        raise _stale(pair_id, source)
    raw = row_of(lake, "raw_books", book, pl.lit(True)) or {}
    section = str(pair["section_id"])
    home = row_of(lake, "sections", book, pl.col("section_id") == section, "title_path") or {}
    own, review = _turns(pair["turns"]), review_of(settings, pair_id)
    said = _said(source) if source else (review.turns if review else None) or own
    said = said if _edited(source, review) else own
    return Trace(
        example_id=str(source["example_id"]) if source else None,
        set_id=str(source["set_id"]) if source else None,
        format=str(source["format"]) if source else None,
        pair_id=pair_id,
        book_id=book,
        title=str(raw.get("title", book)),
        file_name=str(raw.get("file_name", "")),
        file_sha256=_file_of(lake, book, section) or str(raw.get("file_sha256", "")),
        family=str(pair["family"]),
        kind=str(pair.get("kind") or ""),
        split=str((source or pair).get("split") or ""),
        verification=str(pair.get("verification") or "none"),
        turns=said,
        quotes=_quotes(lake, book, pair_id),
        also_in=tuple((o["book_id"], o["pair_id"]) for o in (source or {}).get("also_in", ())),
        section_id=section,
        section_path=tuple(home.get("title_path", ())),
        licence=licences_of(lake, [book])[book],
        making=None if refused else making(lake, book, pair),
        refused=refused,
        aside=() if refused else aside(lake, pair_id),
        review=review,
        original=() if said == own else own,
    )


def _stale(pair_id: str, source: dict[str, Any] | None) -> BookError:
    return BookError(
        Code.STALE_INPUT,
        "Its pair was made anew since the set was: booktune run sharegpt_set alpaca_set",
        example=source["example_id"] if source else pair_id, pair=pair_id,
    )  # fmt: skip


def _edited(source: dict[str, Any] | None, review: Review | None) -> bool:
    """An example says itself whether its words are a person's; of a pair the decision does."""
    if source is not None:
        return source.get("review") == "edited"
    return review is not None and review.decision == "edit"


def _turns(said: list[dict[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((str(turn["role"]), str(turn["content"])) for turn in said)


def _said(source: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """The turns of an example, whichever form it has."""
    if "conversations" in source:
        roles = {"human": "user", "gpt": "assistant"}
        said = source["conversations"]
        return tuple((roles.get(one["from"], str(one["from"])), str(one["value"])) for one in said)
    asked = "\n\n".join(part for part in (source["instruction"], source["input"]) if part)
    return (("user", asked), ("assistant", source["output"]))


def crops(settings: Settings, found: Trace, folder: Path) -> list[Path]:
    """One PNG for each page with evidence, its boxes outlined; none for formats without pages.

    Raises ``STALE_INPUT`` when the file on the shelf is not the one that was read.
    """
    made: list[Path] = []
    for page, picture in pictures(settings, found).items():
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{found.example_id or found.pair_id}-p{page}.png"
        with replaced(target) as temp:
            temp.write_bytes(picture)
        made.append(target)
    return made


def pictures(settings: Settings, found: Trace, pages: Sequence[int] = ()) -> dict[int, bytes]:
    """PNG by page with evidence (of all, or of the given ones); raises as :func:`crops` does."""
    wanted = [page for page in found.pages if not pages or page in pages]
    if not wanted:
        return {}
    from booktune_assets.books.crops import crop_page
    from booktune_assets.books.shelf import Shelf

    shelf = Shelf(settings)
    book = shelf.book(found.book_id)
    if shelf.fingerprint(book) != found.file_sha256:
        raise BookError(
            Code.STALE_INPUT, f"The file changed since it was read: booktune run --book {book.key}",
            book=book.key, file=book.path.name,
        )  # fmt: skip
    made: dict[int, bytes] = {}
    for page in wanted:
        boxes = [
            place.box
            for quote in found.quotes
            for place in quote.places
            if place.page == page and place.box is not None
        ]
        if picture := crop_page(book.path, page, boxes):
            made[page] = picture
    return made


def _find_example(lake: Lake, example_id: str) -> dict[str, Any]:
    """The example's row in the current sets, else in the newest older set that has it."""
    for asset in SETS:
        current = lake.current_key(asset)
        older = [key for key in lake.keys(asset) if key != current]
        older.sort(key=lambda key: _made_at(lake, asset, key), reverse=True)
        for key in [current, *older] if current else older:
            row = row_of(lake, asset, key, pl.col("example_id") == example_id)
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
    """The book that has this pair, else the one that has a candidate of this id."""
    for table, name in (
        ("instruction_pairs", "pair_id"), ("instruction_pairs__rejected", "candidate_id"),
    ):  # fmt: skip
        for key in lake.keys("instruction_pairs"):
            if row_of(lake, table, key, pl.col(name) == pair_id, "book_id"):
                return key
    raise BookError(Code.UNKNOWN_EXAMPLE, "No book has this pair or candidate now", pair=pair_id)


def _file_of(lake: Lake, book: str, section_id: str) -> str | None:
    """The file that the section's spans were taken from."""
    row = row_of(lake, "sections__spans", book, pl.col("section_id") == section_id, "file_sha256")
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
