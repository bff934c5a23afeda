"""Code rows back into text: columns from advances, blank lines from the pitch, wraps undone.

Belongs here: the geometry of code. Does not: which rows are code (``layout.py``), characters
(``repair.py``).

A column is found by adding up relative advances from the block's left edge: absolute positions
divided by the advance drift over sixty columns.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.rows import Row

__all__ = ["Listing", "is_open", "measure_listing", "row_text", "unwrap"]

_CALLOUT = re.compile(r"\s*(?:[\u2460-\u2473\u2776-\u277f\u24eb-\u24fe\ue000-\uf8ff]\s*)+$")
_OPEN, _CLOSE = "([{", ")]}"


@dataclass(slots=True)
class Listing:
    """A piece of code on one page: texts of its rows and the blank lines before each of them."""

    rows: list[Row]
    texts: list[str] = field(default_factory=list[str])
    blanks: list[int] = field(default_factory=list[int])
    columns: int = 0
    base: float = 0.0
    advance: float = 5.0
    numbered: bool = False


def measure_listing(rows: Sequence[Row], base: float, fonts: Fonts, pitch: float) -> Listing:
    """The text of code rows, given the x of column 0 and the usual distance of baselines."""
    advance = _advance(rows, fonts)
    made = Listing(list(rows), base=base, advance=advance)
    own = _pitch(rows) or pitch
    for number, row in enumerate(rows):
        made.texts.append(row_text(row, base, advance, fonts))
        made.blanks.append(_blanks_before(rows[number - 1], row, own, pitch) if number else 0)
    made.numbered = any(row.line_no is not None for row in rows)
    edge = rows[0].frame.rect[2] if rows and rows[0].frame else rows[0].column[1] if rows else 0
    inset = base - rows[0].frame.rect[0] if rows and rows[0].frame else 0.0
    made.columns = int((edge - inset - base) / advance + 0.05) if advance else 0
    return made


def row_text(row: Row, base: float, advance: float, fonts: Fonts) -> str:
    """One row with its indentation: gaps of whole cells become spaces."""
    out: list[str] = []
    end = base
    for run in row.runs:
        scale = fonts.advance.get(run.font)
        cell = scale * run.size if scale else advance
        for char, left, right in zip(run.text, run.lefts, run.rights, strict=True):
            if char.isspace():
                continue
            gap = round((left - end) / cell)
            if gap > 0:
                out.append(" " * min(gap, 200))
            out.append(char)
            end = max(end, right) if right > left else max(end, left)
    return _CALLOUT.sub("", "".join(out)).rstrip()


def _advance(rows: Sequence[Row], fonts: Fonts) -> float:
    seen: Counter[float] = Counter()
    for row in rows:
        for run in row.runs:
            if run.font in fonts.advance:
                seen[fonts.advance[run.font] * run.size] += len(run.text)
    return seen.most_common(1)[0][0] if seen else 5.0


def _pitch(rows: Sequence[Row]) -> float:
    """Usual baseline distance within the piece."""
    gaps = Counter(
        round((after.baseline - before.baseline) * 2) / 2
        for before, after in zip(rows, rows[1:], strict=False)
        if after.baseline > before.baseline
    )
    if not gaps:
        return 0.0
    low = min(gaps)
    near = [gap for gap in gaps.elements() if gap < 1.35 * low]
    return sum(near) / len(near)


def _blanks_before(before: Row, row: Row, own: float, pitch: float) -> int:
    """Blank lines between two rows: line numbers know best, else the gap tells."""
    if row.line_no is not None and before.line_no is not None:
        return min(5, max(0, row.line_no - before.line_no - 1))
    return _blank_lines(row.baseline - before.baseline, own, pitch)


def _blank_lines(gap: float, own: float, pitch: float) -> int:
    """Blank lines that a gap stands for; two rows alone are judged by the document's pitch."""
    unit = min(own, pitch * 1.2) if pitch else own
    if unit <= 0:
        return 0
    return max(0, round(gap / unit) - 1)


def unwrap(listing: Listing) -> tuple[list[str], list[int]]:
    """Rows that the page was too narrow for, joined again, and the blank lines before each line.

    A row is a continuation when it begins at the left edge, the row before had no room for its
    first word, and it does not look like a statement of its own. In a numbered listing it is the
    row without a number.
    """
    lines: list[str] = []
    kept: list[int] = []
    texts, blanks = listing.texts, listing.blanks
    for number, text in enumerate(texts):
        if listing.numbered:
            goes_on = bool(lines) and listing.rows[number].line_no is None
        else:
            goes_on = bool(lines) and not blanks[number]
            goes_on = goes_on and _wrapped(lines[-1], texts[number - 1], text, listing.columns)
        if goes_on:
            lines[-1] = _joined(lines[-1], text.lstrip())
        else:
            lines.append(text)
            kept.append(blanks[number])
    return lines, kept


def _wrapped(line: str, row: str, text: str, columns: int) -> bool:
    """Whether ``text`` goes on with ``line``, whose last row is ``row``."""
    indent = len(text) - len(text.lstrip())
    text = text.lstrip()
    word = _CHUNK.match(text)
    if columns < 20 or not word or len(row) + 1 + word.end() <= columns or _FRESH.match(text):
        return False
    opened = is_open(line)
    comment = line.lstrip().startswith(("#", "%%", "% "))
    if indent:  # some typesetters repeat the indentation
        return (opened or comment) and indent == len(line) - len(line.lstrip())
    if comment or opened:
        return True
    if _CLOSER.match(text):
        return False
    if _PROMPT.match(line):  # what follows a whole expression is its value
        return bool(_GOES_ON.search(row))
    return line[:1] == " " or not _STATEMENT.match(text)


def _joined(line: str, text: str) -> str:
    """A break at a space loses the space; after an opening bracket or a dot there was none."""
    tight = line.endswith(("(", "[", "{", ".", "/")) or text[0] in ")]},;."
    return line + text if tight else f"{line} {text}"


# Begins a line wherever it stands: prompts, comments, closing words.
_FRESH = re.compile(
    r"(?:iex|\.\.\.|\u2026)(?:\([\w.@]+\))?(?:\(\d+\))?>|\d+> |#(?!\{)|[$*%](?![{\[(\w])|==>|\*\* \("
    r"|-(?:module|export)"
)
_CLOSER = re.compile(r"(?:end|else|rescue|after|catch)\b|\|>")
_STATEMENT = re.compile(
    r"(?:def|defp|defmodule|defmacrop?|defstruct|defimpl|defprotocol|import|alias|use|require|case"
    r"|if|with|for|mix|git|cd|test|describe)\s|[\w.]+ = |@\w"
)
_CHUNK = re.compile(r"\S+")
_PROMPT = re.compile(r"(?:iex|\.\.\.|\u2026)[^>\n]{0,20}>|\d+> ")
_GOES_ON = re.compile(r"(?:[-+*/=|,<>]|->|\bdo:|\b(?:when|and|or|in|not|fn))$")


def is_open(line: str) -> bool:
    """Whether brackets or a string are open at the end of a line of code."""
    depth, quote, skip = 0, "", False
    for char in line.translate(_STRAIGHT):
        if skip:
            skip = False
        elif char == "\\":
            skip = True
        elif quote:
            quote = "" if char == quote else quote
        elif char == '"':
            quote = char
        elif char == "#" and depth == 0:
            break
        elif char in _OPEN:
            depth += 1
        elif char in _CLOSE:
            depth -= 1
    return depth > 0 or bool(quote)


_STRAIGHT = str.maketrans({"\u201c": '"', "\u201d": '"'})
