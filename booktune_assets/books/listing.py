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


def measure_listing(rows: Sequence[Row], base: float, fonts: Fonts, pitch: float) -> Listing:
    """The text of code rows, given the x of column 0 and the usual distance of baselines."""
    advance = _advance(rows, fonts)
    rows = _without_numbers(rows, advance)
    made = Listing(list(rows), base=base, advance=advance)
    own = _pitch(rows) or pitch
    for number, row in enumerate(rows):
        made.texts.append(row_text(row, base, advance, fonts))
        gap = row.baseline - rows[number - 1].baseline if number else 0.0
        made.blanks.append(_blank_lines(gap, own, pitch) if number else 0)
    edge = rows[0].frame.rect[2] if rows and rows[0].frame else rows[0].column[1] if rows else 0
    made.columns = int((edge - base) / advance + 0.3) if advance else 0
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


def _blank_lines(gap: float, own: float, pitch: float) -> int:
    """Blank lines that a gap stands for; two rows alone are judged by the document's pitch."""
    unit = min(own, pitch * 1.2) if pitch else own
    if unit <= 0:
        return 0
    return max(0, round(gap / unit) - 1)


def _without_numbers(rows: Sequence[Row], advance: float) -> list[Row]:
    """Rows without line numbers: rising digits in a column of their own, left of the code."""
    numbers: list[int | None] = []
    for row in rows:
        first = row.runs[0]
        digits = first.text.strip()
        rest = next((run for run in row.runs[1:] if run.text.strip()), None)
        own = digits.isdigit() and len(digits) <= 4 and (
            rest is None or rest.lefts[0] - first.rights[-1] >= 0.8 * advance
            or rest.size > first.size + 0.4 or rest.color != first.color
        )  # fmt: skip
        numbers.append(int(digits) if own else None)
    got = [number for number in numbers if number is not None]
    rising = sum(b - a == 1 for a, b in zip(got, got[1:], strict=False))
    if len(got) < 2 or len(got) < 0.7 * len(rows) or rising < len(got) - 1:
        return list(rows)
    if not _numbers_apart(rows, numbers):
        return list(rows)
    kept: list[Row] = []
    for row, number in zip(rows, numbers, strict=True):
        if number is not None:
            row.runs = [run for run in row.runs[1:] if run.text.strip()]
        if row.runs:
            left = row.runs[0].lefts[0]
            row.box = (left, *row.box[1:])
            kept.append(row)
    return kept


def _numbers_apart(rows: Sequence[Row], numbers: Sequence[int | None]) -> bool:
    """Line numbers are smaller, paler or outside of the box; numbers in the code are not."""
    for row, number in zip(rows, numbers, strict=True):
        if number is None:
            continue
        first = row.runs[0]
        rest = next((run for run in row.runs[1:] if run.text.strip()), None)
        outside = row.frame is not None and first.rights[-1] <= row.frame.rect[0] + 2
        if rest is not None and not (
            rest.size > first.size + 0.4 or outside or rest.color != first.color
        ):
            return False
    return any(len(row.runs) > 1 for row in rows)


def unwrap(
    texts: list[str], blanks: list[int], columns: int
) -> tuple[list[str], list[int], list[int]]:
    """Rows that the page was too narrow for, joined again; also says which rows begin a line.

    A row is a continuation when it begins at the left edge, the row before had no room for its
    first word, and the row before cannot end there: a bracket or a string is open, or it ends in an
    operator.
    """
    lines: list[str] = []
    kept: list[int] = []
    starts: list[int] = []
    depth = 0
    for number, text in enumerate(texts):
        before = lines[-1] if lines else ""
        width = len(texts[number - 1]) if number else 0
        if (
            lines and not blanks[number] and columns > 20 and text
            and _wrapped(before, texts[number - 1], width, text, columns)
        ):  # fmt: skip
            lines[-1] = _joined(before, text, width, columns)
        else:
            lines.append(text)
            kept.append(blanks[number])
            starts.append(number)
        depth = depth + 0
    return lines, kept, starts


def _wrapped(line: str, row: str, width: int, text: str, columns: int) -> bool:
    word = re.match(r"\s*(\S+)", text)
    first = word.group(1) if word else ""
    if text[:1] == " " or width + 1 + len(first) <= columns or width < 0.5 * columns:
        return False
    if re.match(r"(?:iex|\.\.\.|\u2026)(?:\(\d+\))?>|\d+> ", text):
        return False
    if line.lstrip().startswith(("#", "%%", "% ")):
        return not text.startswith(("#", "%"))
    return is_open(line) or bool(
        re.search(r"(?:[-+*/=|,<>]|->|\bdo:|\bwhen|\band|\bor|\bin)$", row)
    )


def _joined(line: str, text: str, width: int, columns: int) -> str:
    """A break at a space loses the space; a break in mid-word happens only at the very edge."""
    if width >= columns and not line.endswith(" "):
        return line + text
    return f"{line} {text}"


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
