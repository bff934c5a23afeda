"""A parsed book as the frames of ``raw_books``: ids, columns, contract.

Belongs here: turning plain records into Polars frames, as they come in. Does not: reading; this
runs in the parent, so that the worker need not load Polars.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import polars as pl

from booktune_assets.books.booknames import BookName
from booktune_assets.books.drawings import LABEL
from booktune_assets.books.identity import normalised
from booktune_assets.ids import make_id
from booktune_assets.schemas import TABLES

__all__ = ["Facts", "Making", "RawBook", "into_frames"]

Plain = dict[str, Any]
_NO_FACE: Plain = dict.fromkeys(("font", "size", "bold", "mono"))


@dataclass(slots=True)
class RawBook:
    """A book that was read: one frame per table of ``raw_books``, what was counted, pictures."""

    frames: dict[str, pl.DataFrame]
    counts: dict[str, int] = field(default_factory=dict[str, int])
    files: dict[str, Path] = field(default_factory=dict[str, Path])
    licence: str = ""  # what the file itself says of it, whatever the sidecar does


@dataclass(slots=True)
class Facts:
    """What is known of a book besides its text."""

    book_id: str
    path: Path
    sha256: str
    bytes: int
    version: str
    title: str | None = None
    licence: str | None = None


def into_frames(parsed: Plain, facts: Facts) -> dict[str, pl.DataFrame]:
    """The frames of a parsed book."""
    making = Making(facts.book_id)
    making.take(parsed)
    return making.frames(parsed, facts)


class Making:
    """The frames of a book while it comes in: rows of ``blocks`` first, then what names them.

    Rows become columns piece by piece: as objects those of a long book take ten times as much.
    """

    def __init__(self, book_id: str) -> None:
        self.changes: Counter[str] = Counter()  # by kind
        self._book_id = book_id
        self._parts: dict[str, list[pl.DataFrame]] = defaultdict(list)
        self._seen: set[str] = set()  # ids of the first blocks that say so
        self._more: Counter[str] = Counter()  # and how many others do
        self._drawn: Counter[str] = Counter()
        self._leads = array("q")  # of each link the block that it leads to, or -1
        self._blocks = pl.DataFrame()
        self._spans = pl.DataFrame()
        self._count = self._said = self._chars = 0
        self._title = BookName()

    def take(self, piece: Mapping[str, Any]) -> None:
        """Some rows of one table, or of each in turn."""
        if found := piece.get("blocks"):
            self._take_blocks(found)
        if found := piece.get("pages"):
            self._put("pages", [{"book_id": self._book_id, **page} for page in found])
        if found := piece.get("changes"):
            self._take_changes(found)
        for name, rows in (("words", self._words), ("cells", self._cells)):
            if found := piece.get(name):
                self._put(name, rows(found))
        if found := piece.get("figures"):
            self._put("figures", self._figures(found))

    def pages(self) -> pl.DataFrame:
        """The pages that came in."""
        return self._whole("raw_books__pages")

    def frames(self, told: Mapping[str, Any], facts: Facts) -> dict[str, pl.DataFrame]:
        """All frames, when all rows are in; ``told`` is what is no row."""
        self._close()
        pages = self.pages()
        book: Plain = {
            "book_id": facts.book_id,
            "title": (
                facts.title or told["title"]
                or self._title.printed(pages["height"].to_list())
                or self._title.heading(paged=told["format"] == "pdf") or facts.path.stem
            ),
            "authors": told["authors"],
            "format": told["format"],
            "language": told["language"],
            "licence": facts.licence or told["licence"],
            "file_name": _scalar(facts.path.name),
            "file_sha256": facts.sha256,
            "file_bytes": facts.bytes,
            "content_sha256": told["content_sha256"],
            "pages": pages.height,
            "blocks": self._said,
            "chars": self._chars,
            "reader": facts.version,
            "warnings": told["warnings"],
        }  # fmt: skip
        book["title"] = _scalar(book["title"])
        names = ("links", "changes", "figures", "words", "cells")
        return {
            "raw_books": TABLES["raw_books"].frame([book]),
            "raw_books__pages": pages,
            "raw_books__blocks": self._blocks,
            "raw_books__spans": self._spans,
            **{f"raw_books__{name}": self._whole(f"raw_books__{name}") for name in names},
        }

    def _put(self, name: str, rows: Sequence[Plain]) -> None:
        table = f"raw_books__{name}"
        if rows:
            self._parts[table].append(TABLES[table].frame(rows))

    def _whole(self, table: str) -> pl.DataFrame:
        """The rows of a table in one piece."""
        parts = self._parts[table]
        if len(parts) != 1:
            parts[:] = [pl.concat(parts, rechunk=True) if parts else TABLES[table].frame([])]
        return parts[0]

    def _close(self) -> None:
        """All blocks are in."""
        if self._blocks.height == self._count and self._blocks.width:
            return
        self._blocks, self._spans = (
            self._whole(f"raw_books__{name}") for name in ("blocks", "spans")
        )
        ids = self._blocks["block_id"]
        to = pl.Series(self._leads, dtype=pl.Int64)
        to = to.set(to < 0, None)
        links = self._whole("raw_books__links")
        links = links.with_columns(target_block_id=ids.gather(to) if links.height else None)
        self._parts["raw_books__links"] = [links.cast({"target_block_id": pl.String})]

    def _take_blocks(self, found: Sequence[Plain]) -> None:
        blocks: list[Plain] = []
        spans: list[Plain] = []
        links: list[Plain] = []
        for block in found:
            row = self._block(block)
            blocks.append(row)
            spans += _spans(block["places"], row["block_id"], self._book_id)
            links += _links(block["links"], row["block_id"], self._book_id)
            self._leads.extend(
                -1 if link["to"] is None else link["to"] for link in block["links"]
            )  # fmt: skip
            self._title.see(block)
            if block["kind"] != "running_head":
                self._said += 1
                self._chars += len(block["text"])
        for name, rows in (("blocks", blocks), ("spans", spans), ("links", links)):
            self._put(name, rows)

    def _block(self, block: Plain) -> Plain:
        plain = normalised(block["kind"], block["text"]) or block["content"]
        first = make_id("blk", self._book_id, block["kind"], plain, 0)
        if first in self._seen:
            self._more[first] += 1
        self._seen.add(first)
        again = self._more[first]
        number = self._count
        self._count += 1
        return {
            "block_id": (
                make_id("blk", self._book_id, block["kind"], plain, again) if again else first
            ),
            "book_id": self._book_id, "ordinal": number, "kind": block["kind"],
            "level": block["level"], "number": block["number"], "lang": block["lang"],
            "text": block["text"], "anchor": block["anchor"], "label": block["label"],
            "markup": block["markup"],
        }  # fmt: skip

    def _take_changes(self, found: Sequence[Plain]) -> None:
        self._close()
        ids, start = self._blocks["block_id"], self.changes.total()
        self._put("changes", [
            {
                **{name: change[name]
                   for name in ("page", "kind", "why", "before", "after", "chars")},
                "book_id": self._book_id,
                "change": start + number,
                "block_id": None if change["block"] is None else ids[change["block"]],
            }
            for number, change in enumerate(found)
        ])  # fmt: skip
        self.changes.update(change["kind"] for change in found)
        self._title.furniture(found)

    def _figures(self, found: Sequence[Plain]) -> list[Plain]:
        self._close()
        ids = self._blocks["block_id"]
        wanted = [ids[figure["block"]] for figure in found]
        spans = self._spans.filter(pl.col("block_id").is_in(wanted))
        place = {span["block_id"]: span for span in reversed(spans.to_dicts())}
        where = ("page", "href", "x0", "y0", "x1", "y1")
        facts = ("alt", "words", "kind", "media_type", "width", "height", "bytes", "sha256",
                 "fault")  # fmt: skip
        home = f"lake/raw_books/{self._book_id}/figures"
        rows: list[Plain] = []
        for figure, block_id in zip(found, wanted, strict=True):
            caption = None
            if figure["caption"] is not None:
                caption = self._blocks.row(figure["caption"], named=True)
            label = LABEL.match(caption["text"]) if caption else None
            content = figure["content"]
            rows.append({
                "figure_id": make_id("fig", self._book_id, content, self._drawn[content]),
                "book_id": self._book_id, "ordinal": self._drawn.total(), "block_id": block_id,
                "caption_block_id": caption["block_id"] if caption else None,
                "label": label.group().lower() if label else _counted(caption),
                **{name: figure[name] for name in facts},
                **{name: place[block_id][name] for name in where},
                "file": figure["file"] and f"{home}/{figure['file']}",
            })  # fmt: skip
            self._drawn[content] += 1
        return rows

    def _words(self, found: Sequence[Plain]) -> list[Plain]:
        self._close()
        rows: list[Plain] = []
        for number, words in groupby(found, lambda word: word["block"]):
            block_id, text = self._blocks[number, "block_id"], self._blocks[number, "text"]
            rows += [
                {
                    "block_id": block_id, "word": word["word"], "piece": word["piece"],
                    "book_id": self._book_id, "page": word["page"],
                    "text": text[word["start"] : word["end"]],
                    "char_start": word["start"], "char_end": word["end"], **_box(word["box"]),
                }
                for word in words
            ]  # fmt: skip
        return rows

    def _cells(self, found: Sequence[Plain]) -> list[Plain]:
        self._close()
        ids = self._blocks["block_id"]
        names = ("row", "column", "rows", "columns", "header", "text", "page")
        return [
            {
                "block_id": ids[cell["block"]], "book_id": self._book_id,
                **{name: cell[name] for name in names}, **_box(cell["box"]),
            }
            for cell in found
        ]  # fmt: skip


def _spans(places: Sequence[Plain], block_id: str, book_id: str) -> list[Plain]:
    spans: list[Plain] = []
    for part, place in enumerate(places):
        x0, y0, x1, y1 = place["box"] or (None, None, None, None)
        spans.append({
            "block_id": block_id, "part": part, "book_id": book_id, "page": place["page"],
            "href": place["href"], "printed": place["printed"],
            "x0": x0, "y0": y0, "x1": x1, "y1": y1,
            "char_start": place["start"], "char_end": place["end"],
            **(place["face"] or _NO_FACE),
        })  # fmt: skip
    return spans


def _links(links: Sequence[Plain], block_id: str, book_id: str) -> list[Plain]:
    return [
        {
            "block_id": block_id, "link": number, "book_id": book_id,
            "kind": "index" if link["index"] else "internal" if link["internal"] else "external",
            "char_start": link["start"], "char_end": link["end"], "target": _scalar(link["target"]),
            "page": link["page"], "y": link["y"],
        }
        for number, link in enumerate(links)
    ]  # fmt: skip


def _counted(caption: Plain | None) -> str | None:
    """The label of a caption that is counted where the book is set."""
    if caption is None or not caption["number"] or not caption["label"]:
        return None
    return f"{caption['label']} {caption['number']}"


def _box(box: Sequence[float]) -> Plain:
    return dict(zip(("x0", "y0", "x1", "y1"), box, strict=True))


def _scalar(text: str) -> str:
    """File names may hold bytes that are not text."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
