"""Small books as lists of blocks, and their sections with all that stands beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from booktune_assets.books.blocks import Block, Page, Parsed, Place
from booktune_assets.books.exercises import mark_exercises
from booktune_assets.books.frames import Facts, into_frames
from booktune_assets.books.sections import into_sections
from booktune_assets.contracts import check
from booktune_assets.schemas import TABLES

Frames = dict[str, pl.DataFrame]
Rows = list[dict[str, Any]]


def head(text: str, level: int = 1, number: str | None = None, page: int | None = None) -> Block:
    """A heading."""
    return block("heading", text, level=level, number=number, page=page)


def say(text: str, kind: str = "prose", page: int | None = None) -> Block:
    """A paragraph, or another block of words."""
    return block(kind, text, page=page)


def code(text: str, lang: str = "elixir") -> Block:
    """A listing or a session."""
    return block(lang if lang in ("iex", "erl_shell") else "code", text, lang=lang)


def block(
    kind: str, text: str, *, level: int | None = None, number: str | None = None, lang: str = "",
    page: int | None = None,
) -> Block:  # fmt: skip
    """A block that stands on a page, or in a part of a book without pages."""
    place = Place(0, len(text), page=page, href=None if page else "#here")
    return Block(kind, text, level, number, lang, places=[place])


def book(blocks: Sequence[Block], pages: Sequence[Page] = ()) -> Frames:
    """Frames of ``raw_books`` and ``sections``, each checked against its contract."""
    mark_exercises(blocks)
    parsed = Parsed("md", title="T", blocks=list(blocks), pages=list(pages))
    raw = into_frames(parsed.as_plain(), Facts("b", Path("b.md"), "0" * 64, 1, "raw_books.0"))
    parts = (raw[f"raw_books__{name}"] for name in ("blocks", "spans", "pages", "links"))
    frames = {**raw, **into_sections("b", "0" * 64, *parts)}
    for name, frame in frames.items():
        check(TABLES[name], frame)
    return frames


def rows(frames: Frames, table: str) -> Rows:
    """The rows of a table beside ``sections``."""
    return frames[f"sections__{table}" if table else "sections"].to_dicts()


def titles(frames: Frames) -> dict[str | None, str | None]:
    """Titles by section id."""
    return {None: None, **dict(frames["sections"].select("section_id", "title").iter_rows())}
