"""A parsed book as the frames of ``raw_books``: ids, columns, contract.

Belongs here: turning plain records into Polars frames. Does not: reading; this runs in the parent,
so that the worker need not load Polars.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from booktune_assets.books.drawings import LABEL
from booktune_assets.books.identity import normalised
from booktune_assets.ids import fold_prose, make_id
from booktune_assets.schemas import TABLES

__all__ = ["Facts", "RawBook", "into_frames"]

Plain = dict[str, Any]
_TITLE_CHARS = 120
_NO_FACE: Plain = dict.fromkeys(("font", "size", "bold", "mono"))
_RUNS, _RUN_SHARE = 3, 0.2  # pages, share of all pages that print the title of the book


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
    blocks, spans = _blocks(parsed["blocks"], facts.book_id)
    links = _links(parsed["blocks"], blocks, facts.book_id)
    pages = [{"book_id": facts.book_id, **page} for page in parsed["pages"]]
    said = [block for block in blocks if block["kind"] != "running_head"]
    book: Plain = {
        "book_id": facts.book_id,
        "title": (
            facts.title
            or parsed["title"]
            or _running_title(parsed)
            or _first_heading(parsed)
            or facts.path.stem
        ),
        "authors": parsed["authors"],
        "format": parsed["format"],
        "language": parsed["language"],
        "licence": facts.licence or parsed["licence"],
        "file_name": _scalar(facts.path.name),
        "file_sha256": facts.sha256,
        "file_bytes": facts.bytes,
        "content_sha256": parsed["content_sha256"],
        "pages": len(pages),
        "blocks": len(said),
        "chars": sum(len(block["text"]) for block in said),
        "reader": facts.version,
        "warnings": parsed["warnings"],
    }
    book["title"] = _scalar(book["title"])
    rows: dict[str, list[Any]] = {
        "raw_books": [book],
        "raw_books__pages": pages,
        "raw_books__blocks": blocks,
        "raw_books__spans": spans,
        "raw_books__links": links,
        "raw_books__changes": _changes(parsed["changes"], blocks, facts.book_id),
        "raw_books__figures": _figures(parsed["figures"], blocks, spans, facts.book_id),
        "raw_books__words": _words(parsed["words"], blocks, facts.book_id),
        "raw_books__cells": _cells(parsed["cells"], blocks, facts.book_id),
    }
    return {name: TABLES[name].frame(found) for name, found in rows.items()}


def _blocks(found: list[Plain], book_id: str) -> tuple[list[Plain], list[Plain]]:
    seen: Counter[tuple[str, str]] = Counter()
    blocks: list[Plain] = []
    spans: list[Plain] = []
    for ordinal, block in enumerate(found):
        plain = normalised(block["kind"], block["text"]) or block["content"]
        key = (block["kind"], plain)
        block_id = make_id("blk", book_id, block["kind"], plain, seen[key])
        seen[key] += 1
        blocks.append({
            "block_id": block_id, "book_id": book_id, "ordinal": ordinal, "kind": block["kind"],
            "level": block["level"], "number": block["number"], "lang": block["lang"],
            "text": block["text"], "anchor": block["anchor"], "label": block["label"],
            "markup": block["markup"],
        })  # fmt: skip
        for part, place in enumerate(block["places"]):
            x0, y0, x1, y1 = place["box"] or (None, None, None, None)
            spans.append({
                "block_id": block_id, "part": part, "book_id": book_id, "page": place["page"],
                "href": place["href"], "printed": place["printed"],
                "x0": x0, "y0": y0, "x1": x1, "y1": y1,
                "char_start": place["start"], "char_end": place["end"],
                **(place["face"] or _NO_FACE),
            })  # fmt: skip
    return blocks, spans


def _links(found: list[Plain], blocks: list[Plain], book_id: str) -> list[Plain]:
    return [
        {
            "block_id": row["block_id"], "link": number, "book_id": book_id,
            "kind": "index" if link["index"] else "internal" if link["internal"] else "external",
            "char_start": link["start"], "char_end": link["end"], "target": _scalar(link["target"]),
            "page": link["page"], "y": link["y"],
            "target_block_id": None if link["to"] is None else blocks[link["to"]]["block_id"],
        }
        for block, row in zip(found, blocks, strict=True)
        for number, link in enumerate(block["links"])
    ]  # fmt: skip


def _changes(found: list[Plain], blocks: list[Plain], book_id: str) -> list[Plain]:
    return [
        {
            **{name: change[name] for name in ("page", "kind", "why", "before", "after", "chars")},
            "book_id": book_id,
            "change": number,
            "block_id": None if change["block"] is None else blocks[change["block"]]["block_id"],
        }
        for number, change in enumerate(found)
    ]


def _figures(
    found: list[Plain], blocks: list[Plain], spans: list[Plain], book_id: str
) -> list[Plain]:
    place = {span["block_id"]: span for span in reversed(spans)}
    where = ("page", "href", "x0", "y0", "x1", "y1")
    facts = ("alt", "words", "kind", "media_type", "width", "height", "bytes", "sha256", "fault")
    seen: Counter[str] = Counter()
    rows: list[Plain] = []
    for ordinal, figure in enumerate(found):
        block_id = blocks[figure["block"]]["block_id"]
        caption = None if figure["caption"] is None else blocks[figure["caption"]]
        label = LABEL.match(caption["text"]) if caption else None
        rows.append({
            "figure_id": make_id("fig", book_id, figure["content"], seen[figure["content"]]),
            "book_id": book_id, "ordinal": ordinal, "block_id": block_id,
            "caption_block_id": caption["block_id"] if caption else None,
            "label": label.group().lower() if label else _counted(caption),
            **{name: figure[name] for name in facts},
            **{name: place[block_id][name] for name in where},
            "file": figure["file"] and f"lake/raw_books/{book_id}/figures/{figure['file']}",
        })  # fmt: skip
        seen[figure["content"]] += 1
    return rows


def _counted(caption: Plain | None) -> str | None:
    """The label of a caption that is counted where the book is set."""
    if caption is None or not caption["number"] or not caption["label"]:
        return None
    return f"{caption['label']} {caption['number']}"


def _words(found: list[Plain], blocks: list[Plain], book_id: str) -> list[Plain]:
    return [
        {
            "block_id": blocks[word["block"]]["block_id"], "word": word["word"],
            "piece": word["piece"], "book_id": book_id, "page": word["page"],
            "text": blocks[word["block"]]["text"][word["start"] : word["end"]],
            "char_start": word["start"], "char_end": word["end"], **_box(word["box"]),
        }
        for word in found
    ]  # fmt: skip


def _cells(found: list[Plain], blocks: list[Plain], book_id: str) -> list[Plain]:
    names = ("row", "column", "rows", "columns", "header", "text", "page")
    return [
        {
            "block_id": blocks[cell["block"]]["block_id"], "book_id": book_id,
            **{name: cell[name] for name in names}, **_box(cell["box"]),
        }
        for cell in found
    ]  # fmt: skip


def _box(box: list[float]) -> Plain:
    return dict(zip(("x0", "y0", "x1", "y1"), box, strict=True))


def _running_title(parsed: Plain) -> str:
    """What stands alone on the first page and is printed on page after page as well."""
    often: dict[str, set[int]] = defaultdict(set)
    for change in parsed["changes"]:
        if change["kind"] == "furniture":
            often[fold_prose(change["before"])].add(change["page"])
    for block in parsed["blocks"]:
        place = next(iter(block["places"]), None)
        if place is None or place["page"] != 1:
            break
        text = str(block["text"])
        on = often[fold_prose(text)]
        if len(text) <= _TITLE_CHARS and len(on) >= max(_RUNS, _RUN_SHARE * len(parsed["pages"])):
            return text
    return ""


def _first_heading(parsed: Plain) -> str:
    return next((b["text"] for b in parsed["blocks"] if b["kind"] == "heading" and b["text"]), "")


def _scalar(text: str) -> str:
    """File names may hold bytes that are not text."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
