"""Notes that a PDF gathers under a heading of their own, at the end of a chapter or of the book.

Belongs here: which rows are such notes, and on which pages their marks stand. Does not: notes at
the foot of the page with their marks, taking marks off, the order (``notes.py``).

A list below "Notes" may be one of anything. Notes count from 1 on, and small raised numbers in the
text since the last such heading, or since the last heading of that level, say most of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from booktune_assets.books.notes import marks_in
from booktune_assets.books.rowbook import RowBook
from booktune_assets.books.rows import Row

__all__ = ["mark_endnotes"]

_TITLE = re.compile(r"(?:chapter |end ?|foot)?notes|notes and references|notes to .{1,60}", re.I)
_FIRST = re.compile(r"\s*\[?(\d{1,3})[\].)]?\s*(?=\S)")
_ENOUGH, _MOST = 2, 0.6  # notes; of them have a mark in the text
Ahead = Mapping[int, Mapping[str, int]]  # by page, the signs of notes on later ones, with those


@dataclass(slots=True)
class _Notes:
    """The rows below one heading, and the page on which each sign has its note."""

    begin: int
    since: int  # the page of the heading before
    page: int = 0
    rows: list[int] = field(default_factory=list[int])
    at: dict[str, int] = field(default_factory=dict[str, int])


def mark_endnotes(rows: RowBook) -> Ahead:
    """Set ``role = "footnote"`` on the rows of notes; gives the signs that pages refer to."""
    groups = [group for group in _below_titles(rows) if len(group.at) >= _ENOUGH]
    seen = _marked(rows.pages(), groups) if groups else []
    found: dict[int, dict[str, int]] = {}
    for group, marked in zip(groups, seen, strict=True):
        if len(marked) < _MOST * len(group.at):
            continue
        for index in group.rows:
            rows[index].role = "footnote"
        for page in range(group.since, group.page + 1):
            found.setdefault(page, {}).update(group.at)
    return found


def _below_titles(rows: RowBook) -> list[_Notes]:
    """Rows that count from 1 on below headings that say "Notes"."""
    found: list[_Notes] = []
    group: _Notes | None = None
    since = 1
    for index, row in enumerate(rows):
        if row.role == "heading":
            titled = _TITLE.fullmatch(row.text.strip()) is not None
            group = _Notes(index, since, row.page) if titled else None
            since = row.page if titled else since
            found += [group] if group else []
        elif group is not None and not row.mono:
            match = _FIRST.match(row.text)
            if match and int(match.group(1)) == len(group.at) + 1:
                group.at[match.group(1)] = row.page
            if group.at:
                group.rows.append(index)
    return found


def _marked(pages: Iterable[list[Row]], groups: list[_Notes]) -> list[set[str]]:
    """The signs of each group that stand in the text before it."""
    found = [set[str]() for _ in groups]
    start = 0
    for members in pages:
        for group, marked in zip(groups, found, strict=True):
            if not group.since <= members[0].page <= group.page:
                continue
            for row in members[: max(0, group.begin - start)]:
                marked.update(sign for sign, _ in marks_in(row, {*group.at}))
        start += len(members)
    return found
