"""Pandoc's tables of Markdown: simple, of several lines a row, and drawn as a grid.

Belongs here: rules for the parser that make tokens of a table of them. Does not: pipe tables (the
parser's own), what becomes of the tokens (``markdown.py``).

CommonMark reads them as paragraphs and rules. Each needs a line of dashes in several groups, or a
frame of ``+---+``, and no word may stand across the room between two columns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import Any

__all__ = ["add_tables"]

_GROUPS = re.compile(r" *-{2,}(?: +-{2,})+ *")
_WHOLE = re.compile(r" *-{5,} *")
_FRAME = re.compile(r"\+(?:[:-][-:]*-[:]?\+|[:=][=:]*=[:]?\+)+")
_CAPTION = re.compile(r"(?:Table)?:\s+(?P<said>\S.*)")
_LINES_MAX = 2_000
_Cells = list[str]
_Table = tuple[list[_Cells], int]  # rows, and the line behind them


def add_tables(parser: Any) -> None:
    """Teach them to a parser."""
    parser.block.ruler.before("fence", "pandoc_table", _table, {"alt": []})


def _table(state: Any, start: int, end: int, silent: bool) -> bool:
    lines = _Lines(state, start, end)
    first = lines.get(0)
    if first[:1] == "+" and _FRAME.fullmatch(first):
        found = _framed(lines)
    elif _WHOLE.fullmatch(first) or _GROUPS.fullmatch(first):
        found = _ruled(lines)
    elif _GROUPS.fullmatch(lines.get(1)) and first.strip():
        found = _simple(lines)
    else:
        return False
    if found is None:
        return False
    if not silent:
        rows, after = found
        _push(state, rows, start, start + after)
        state.line = start + after
        _caption(state, lines, after)
    return True


class _Lines:
    """The lines of a text from one on, without the room of what stands around it."""

    def __init__(self, state: Any, start: int, end: int) -> None:
        self.state, self.start, self.end = state, start, min(end, start + _LINES_MAX)

    def get(self, number: int) -> str:
        """A line; empty behind the last."""
        at = self.start + number
        if at >= self.end:
            return ""
        return str(self.state.getLines(at, at + 1, self.state.blkIndent, False)).rstrip()

    def __len__(self) -> int:
        return self.end - self.start


def _simple(lines: _Lines) -> _Table | None:
    """Titles above a line of dashes, one line for each row; a blank line or dashes end it."""
    edges = _edges(lines.get(1))
    rows = [_cut(lines.get(0), edges)]
    at = 2
    while (line := lines.get(at)).strip() and not _GROUPS.fullmatch(line):
        rows.append(_cut(line, edges))
        at += 1
    return _held(rows, at + bool(line.strip()))


def _ruled(lines: _Lines) -> _Table | None:
    """Between two lines of dashes: titles and their dashes if the first runs on, then rows.

    Rows with blank lines between them are of several lines, others of one.
    """
    at = 0
    titles: list[str] = []
    if not _GROUPS.fullmatch(lines.get(0)):
        at = 1
        while (line := lines.get(at)).strip() and not _GROUPS.fullmatch(line):
            titles.append(line)
            at += 1
        if not titles or not line.strip():
            return None
    edges = _edges(lines.get(at))
    body: list[str] = []
    at += 1
    while at < len(lines) and not _is_rule(lines.get(at)):
        body.append(lines.get(at))
        at += 1
    if at >= len(lines) or not any(one.strip() for one in body):
        return None
    cut = [_cut(line, edges) for line in body]
    several = [list(group) for blank, group in groupby(cut, lambda row: row == []) if not blank]
    many = len(several) > 1 or bool(titles)
    rows = [_over(group) for group in several] if many else cut
    head = [_over([_cut(line, edges) for line in titles])] if titles else []
    return _held([*head, *rows], at + 1)


def _is_rule(line: str) -> bool:
    return bool(_WHOLE.fullmatch(line) or _GROUPS.fullmatch(line))


def _edges(dashes: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(r"-+", dashes)]


def _cut(line: str, edges: Sequence[tuple[int, int]]) -> _Cells | None:
    """The cells of a line; none of a blank one, None where a word stands across two columns."""
    if not line.strip():
        return []
    if any(line[one[1] : two[0]].strip() for one, two in pairwise(edges)):
        return None
    starts = [0, *(start for start, _ in edges[1:]), len(line)]
    return [line[a:b].strip() for a, b in pairwise(starts)]


def _over(lines: Sequence[_Cells | None]) -> _Cells | None:
    """One row of several lines."""
    if any(line is None for line in lines):
        return None
    whole = zip(*(line for line in lines if line), strict=True)
    return [" ".join(one for one in cell if one) for cell in whole]


def _held(rows: Sequence[_Cells | None], after: int) -> _Table | None:
    kept = [row for row in rows if row]
    return (kept, after) if None not in rows and len(kept) > 1 else None


def _framed(lines: _Lines) -> _Table | None:
    """Rows between frames; all frames have their corners in the same columns."""
    corners = [at for at, char in enumerate(lines.get(0)) if char == "+"]
    rows: list[_Cells] = []
    group: list[_Cells] = []
    at = 1
    while line := lines.get(at):
        if any(line[corner : corner + 1] not in ("+", "|") for corner in corners):
            break
        if _FRAME.fullmatch(line):
            if group:
                rows.append([" ".join(" ".join(cell).split()) for cell in zip(*group, strict=True)])
            group = []
        elif line[0] != "|" or len(line) != corners[-1] + 1:
            return None
        else:
            group.append([line[a + 1 : b].strip() for a, b in pairwise(corners)])
        at += 1
    return (rows, at) if rows and not group and len(corners) > 1 else None


def _push(state: Any, rows: Sequence[_Cells], start: int, after: int) -> None:
    state.push("table_open", "table", 1).map = [start, after]
    for number, row in enumerate(rows):
        name = "td" if number else "th"
        state.push("tr_open", "tr", 1)
        for cell in row:
            state.push(f"{name}_open", name, 1)
            token = state.push("inline", "", 0)
            token.content, token.map, token.children = cell, [start, after], []
            state.push(f"{name}_close", name, -1)
        state.push("tr_close", "tr", -1)
    state.push("table_close", "table", -1)


def _caption(state: Any, lines: _Lines, after: int) -> None:
    """``Table: what it shows`` below a table, or with a colon alone."""
    at = after + (not lines.get(after).strip())
    found = _CAPTION.fullmatch(lines.get(at))
    if found is None:
        return
    said = [found["said"]]
    at += 1
    while line := lines.get(at).strip():
        said.append(line)
        at += 1
    token = state.push("caption", "", 0)
    token.content = " ".join(said)
    state.line = lines.start + at
