"""What the page of ``sections`` shows of a book's structure: learning order, open references.

Belongs here: Markdown tables of rows that are in the lake. Does not: finding any (``books/``).
"""

from __future__ import annotations

import re

import dagster as dg
import polars as pl

from booktune_assets.lake import Lake

__all__ = ["outlined"]

ROWS = 60  # of a table, at most
CELL_CHARS = 70


def outlined(lake: Lake, book: str) -> dict[str, dg.MetadataValue]:
    """``learning_order`` and ``unresolved_references`` of a book, where there is any."""
    titles = {
        row["section_id"]: _title(row["number"], row["title"])
        for row in lake.read("sections", book).iter_rows(named=True)
    }
    found = {
        "learning_order": _order(lake, book, titles),
        "unresolved_references": _open(lake.read("sections__refs", book), titles),
    }
    return {name: dg.MetadataValue.md(text) for name, text in found.items() if text}


def _order(lake: Lake, book: str, titles: dict[str, str]) -> str:
    chapters = lake.read("sections__order", book).sort("position")
    why: dict[tuple[str, str], list[str]] = {}
    for row in lake.read("sections__builds", book).filter("counts").iter_rows(named=True):
        why.setdefault((row["section_id"], row["target_section_id"]), []).append(row["what"])
    place = dict(chapters.select("section_id", "chapter").iter_rows())
    lines = ["| learn | in the book | chapter | builds on |", "| ---: | ---: | --- | --- |"]
    for row in chapters.head(ROWS).iter_rows(named=True):
        own = row["section_id"]
        needs = sorted(row["builds_on"], key=lambda one: place[one])
        said = "; ".join(f"{_cell(titles[one])} ({_shown(why[own, one])})" for one in needs)
        title = _cell(titles[own])
        lines.append(f"| {row['position'] + 1} | {row['chapter'] + 1} | {title} | {said} |")
    return _table(lines, chapters.height)


def _open(refs: pl.DataFrame, titles: dict[str, str]) -> str:
    left = refs.filter(pl.col("target_section_id").is_null()).sort("ref")
    lines = ["| words | where | why not |", "| --- | --- | --- |"]
    for row in left.head(ROWS).iter_rows(named=True):
        cells = (row["words"], titles[row["section_id"]], row["reason"] or "")
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    return _table(lines, left.height)


def _table(lines: list[str], rows: int) -> str:
    if not rows:
        return ""
    return "\n".join([*lines, *([f"\n{rows - ROWS} more"] if rows > ROWS else [])])


def _shown(what: list[str]) -> str:
    more = f" and {len(what) - 2} more" if len(what) > 2 else ""
    return f"{', '.join(_cell(one) for one in what[:2])}{more}"


def _title(number: str | None, title: str) -> str:
    return f"{number} {title}" if number else title


def _cell(text: str) -> str:
    """One cell without Markdown's or HTML's own signs."""
    flat = " ".join(text.split())
    flat = flat if len(flat) <= CELL_CHARS else f"{flat[:CELL_CHARS]}…"
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", flat)
