"""Words that text recognition found, as lines of the kind that a text layer gives.

Belongs here: sizes, and which lines were set in fixed pitch: recognition knows neither. Does not:
recognising (``scans.py``), what lines mean (``layout.py``).

Recognition puts every word into one font without glyphs, each stretched to the width that it has
in the image. A line is code when its words begin where fixed-pitch columns are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from booktune_assets.books.codefaces import coded
from booktune_assets.books.enclosed import beside_code, counted, enclosed, width_of
from booktune_assets.books.glyphs import Line, PageDrawn, Run, edges_of
from booktune_assets.books.rowsnear import spread_code

__all__ = ["Face", "Word", "by_recognition", "lines_of", "words_of"]

Face = tuple[str, float]  # font and size
_GLYPHLESS = "glyphless"  # the font of Tesseract, and of tools that use it
_PROSE, _CODE = "Recognised", "Recognised-Mono"
_ADVANCE = 0.6  # of the size that a fixed-pitch line is given
_CERTAIN, _LETTERS = 4, 12  # words and letters that tell fixed pitch without help
_SIGNED, _SHORT = 2, 8  # the same of a line that has signs of code
_ALIKE, _MOST = 0.08, 0.8  # of a column: one width; share of such lines that have it
_OWN = 0.03  # of a column: what rows between "do" and "end" tell is nearer to it
_LINES_MIN = 4  # certain lines that a book of code has at least
_SIGNS = re.compile(r"[=(){}\[\]|<>#@]|\w_\w|->|\d>")  # what prose has less often than code
_THIN = "[](){}|.,:;'\"!il1"
_OPENS = re.compile(r"(?:def\w*|end|@\w+|-\w+\()(?!\w)")
_PROMPT = re.compile(r"(?:\S?iex(?:\(\d+\))?|\d{1,3}|\.\.\.(?:\(\d+\))?)> ?\S")


@dataclass(slots=True)
class Word:
    """A recognised word: box, baseline and size in pt."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    base: float
    size: float

    def as_plain(self) -> list[str | float]:
        """The values in order, for JSON."""
        return [self.text, self.x0, self.y0, self.x1, self.y1, self.base, self.size]


def by_recognition(page: PageDrawn) -> bool:
    """Whether the text layer of a page was made by text recognition."""
    return bool(page.lines) and all(
        _GLYPHLESS in run.font.lower() for line in page.lines[:5] for run in line.runs
    )


def words_of(page: PageDrawn) -> list[list[Word]]:
    """The words of the lines of such a page."""
    found: list[list[Word]] = []
    for line in page.lines:
        words: list[Word] = []
        for run in line.runs:
            at = 0
            for text in run.text.split():
                at = run.text.index(text, at)
                last = at + len(text) - 1
                words.append(
                    Word(text, run.lefts[at], line.box[1], run.rights[last], line.box[3],
                         line.baseline, run.size)
                )  # fmt: skip
                at = last + 1
        if words:
            found.append(words)
    return found


def lines_of(
    pages: Mapping[int, Sequence[Sequence[Word]]], face: Face | None = None
) -> dict[int, list[Line]]:
    """Lines by page; sizes and columns are judged over all pages together.

    ``face`` is that of the text on other pages of the book: the text here is given the same.
    """
    whole = {page: _on_baselines(lines) for page, lines in pages.items()}
    every = [line for lines in whole.values() for line in lines]
    if not every:
        return {page: [] for page in pages}
    weights = Counter[float]()
    for line in every:
        weights[_size(line)] += sum(len(word.text) for word in line)
    body = _middle(weights)
    found, step = _code_rows(whole)
    made: dict[int, list[Line]] = {}
    for page, lines in whole.items():
        made[page] = [
            _code(line, step) if is_code and step is not None else _prose(line, body, face)
            for line, is_code in zip(lines, found[page], strict=True)
        ]
    return made


def _mend_counts(lines: Sequence[Sequence[Word]], counts: Mapping[int, int]) -> None:
    """Numbers of rows in one size, and as they have to be."""
    size = median(lines[n][0].size for n in counts) if counts else 0.0
    for n, count in counts.items():
        lines[n][0].text, lines[n][0].size = str(count), size


def _code_rows(
    whole: Mapping[int, Sequence[Sequence[Word]]],
) -> tuple[dict[int, list[bool]], float | None]:
    """Which rows are code, by page, and how wide a column is; numbers beside them are mended."""
    shut: dict[int, set[int]] = {}
    counts: dict[int, dict[int, int]] = {}
    for page, lines in whole.items():
        columns = counted(lines)
        shut[page] = enclosed(lines, columns)
        counts[page] = beside_code(lines, columns, shut[page])
        _mend_counts(lines, counts[page])
    own = width_of([lines[n] for page, lines in whole.items() for n in sorted(shut[page])])
    step = _step([
        line for page, lines in whole.items() for n, line in enumerate(lines)
        if n not in counts[page]
    ])  # fmt: skip
    found = {page: [False] * len(lines) for page, lines in whole.items()}
    if step is not None:
        steps = [own, step] if own is not None and abs(own - step) > _OWN * step else [step]
        step = steps[0]
        found = {
            page: [any(told) for told in zip(*(_fixed(lines, one) for one in steps), strict=True)]
            for page, lines in whole.items()
        }
        spread_code(whole, found, step)
    for page, rows in found.items():
        found[page] = [
            (one or n in shut[page]) and n not in counts[page] for n, one in enumerate(rows)
        ]
    return found, step or own


def _step(lines: Sequence[Sequence[Word]]) -> float | None:
    """The width of a column of code; None where the pages hold none.

    A few pages among others may have too few long lines of code to be certain of. Lines that have
    the signs of code tell it, too, where next to all columns that they have are of one width.
    """
    certain = [step for line in lines if (step := _pitch(line)) is not None]
    if len(certain) >= max(_LINES_MIN, 0.01 * len(lines)):
        return median(certain)
    signed = [line for line in lines if len(line) > 1 and coded(_said(line))]
    told = [step for line in signed if (step := _pitch(line, _SIGNED, _SHORT)) is not None]
    if not told:
        return None
    step = median(told)
    alike = sum(abs(one - step) < _ALIKE * step for one in told)
    return step if alike >= max(_LINES_MIN, _MOST * len(told), len(signed) / 2) else None


def _on_baselines(lines: Sequence[Sequence[Word]]) -> list[list[Word]]:
    """Lines that recognition cut at a gap as one, unless the gap is one between columns.

    What stands beside another line gets its baseline: a shadow of one pt would count as a row.
    """
    made: list[list[Word]] = []
    for line in lines:
        words = [replace(word) for word in line]
        for last in made[-1:-4:-1]:
            if abs(last[0].base - words[0].base) > 0.45 * max(_size(last), _size(words)):
                continue
            for word in words:
                word.base = last[0].base
            if -_size(words) <= words[0].x0 - last[-1].x1 < 2.5 * _size(words):
                last.extend(words)
                words = []
            break
        if words:
            base = float(median(word.base for word in words))
            for word in words:
                word.base = base
            made.append(words)
    return made


def _fixed(lines: Sequence[Sequence[Word]], step: float) -> list[bool]:
    """Which lines of a page are in fixed pitch; their neighbours help with those that are short or
    in which a letter was missed."""
    sure = [
        (pitch := _pitch(line)) is not None and abs(pitch - step) < 0.06 * step for line in lines
    ]
    fits = [_fits(line, step) for line in lines]
    found = [
        one or (fit and bool(_SIGNS.search(_said(line)))) or bool(_PROMPT.match(_said(line)))
        for one, fit, line in zip(sure, fits, lines, strict=True)
    ]
    for _ in range(3):
        near = [
            (n > 0 and found[n - 1] and _close(lines[n - 1], line))
            + (n + 1 < len(lines) and found[n + 1] and _close(line, lines[n + 1]))
            for n, line in enumerate(lines)
        ]
        found = [
            one
            or (fit and beside > 0)
            or (beside > bool(not _OPENS.match(_said(line))) and _half_fits(line, step))
            for one, fit, beside, line in zip(found, fits, near, lines, strict=True)
        ]
    return found


def _said(line: Sequence[Word]) -> str:
    return " ".join(word.text for word in line)


def _close(one: Sequence[Word], two: Sequence[Word]) -> bool:
    """Whether a line follows another as the next of a listing."""
    return 0 < two[0].base - one[0].base < 2.2 * max(_size(one), _size(two))


def _half_fits(line: Sequence[Word], step: float) -> bool:
    return 2 * sum(_is_as_wide(word, step) for word in line) >= len(line)


def _is_as_wide(word: Word, step: float) -> bool:
    """Whether a word has the width of its columns; a thin character leaves some of its own free."""
    missing = len(word.text) * step - (word.x1 - word.x0)
    thin = (word.text[0] in _THIN) + (word.text[-1] in _THIN)
    return -0.35 * step <= missing <= (0.5 + 0.35 * thin) * step + 0.02 * len(word.text) * step


def _size(line: Sequence[Word]) -> float:
    return float(median(word.size for word in line for _ in word.text))


def _middle(weights: Counter[float]) -> float:
    half, seen = weights.total() / 2, 0
    for size in sorted(weights):
        seen += weights[size]
        if seen >= half:
            return size
    return max(weights)


def _pitch(line: Sequence[Word], words: int = _CERTAIN, letters: int = _LETTERS) -> float | None:
    """The width of a column, when the words of a line tell that it has columns."""
    if len(line) < words:
        return None
    chars = sum(len(word.text) for word in line)
    if chars < letters:
        return None
    step = sum(word.x1 - word.x0 for word in line) / chars
    for _ in range(3):
        columns = _columns(line, step)
        across = line[-1].x0 - line[0].x0
        if columns[-1] == 0 or across <= 0:
            return None
        step = across / columns[-1]
    off = max(
        abs(word.x0 - line[0].x0 - column * step)
        for word, column in zip(line, _columns(line, step), strict=True)
    )
    wide = all(abs(word.x1 - word.x0 - len(word.text) * step) < 0.75 * step for word in line)
    return step if off < 0.3 * step and wide else None


def _fits(line: Sequence[Word], step: float) -> bool:
    """Whether all words of a line are as wide, and as far apart, as columns say."""
    columns = _columns(line, step)
    return all(_is_as_wide(word, step) for word in line) and all(
        abs(word.x0 - line[0].x0 - column * step) < 0.55 * step
        for word, column in zip(line, columns, strict=True)
    )


def _columns(line: Sequence[Word], step: float) -> list[int]:
    """The column of each word, counted from the first."""
    columns = [0]
    for before, word in pairwise(line):
        gap = round((word.x0 - before.x0) / step) - len(before.text)
        if gap < 1:  # words that recognition cut where nothing parts them
            gap = int(word.x0 - before.x1 >= 0.3 * step)
        columns.append(columns[-1] + len(before.text) + min(gap, 60))
    return columns


def _code(line: Sequence[Word], step: float) -> Line:
    """A line of fixed pitch: every character in its column."""
    text = ""
    for word, column in zip(line, _columns(line, step), strict=True):
        text += " " * (column - len(text)) + word.text
    left = line[0].x0
    lefts = [left + step * n for n in range(len(text))]
    run = Run(text, _CODE, step / _ADVANCE, 0, 0, edges_of(lefts, [x + step for x in lefts]))
    return _line([run], line)


def _prose(line: Sequence[Word], body: float, face: Face | None) -> Line:
    """A line of text in the size of the book, or one that is clearly larger or smaller."""
    size, font = _size(line), _PROSE
    if 0.8 * body < size < 1.25 * body:
        font, size = face or (_PROSE, body)
    else:
        size = float(round(size))
    chars: list[str] = []
    lefts: list[float] = []
    rights: list[float] = []
    for word in line:
        if chars:
            chars.append(" ")
            lefts.append(rights[-1])
            rights.append(max(rights[-1], word.x0))
        step = (word.x1 - word.x0) / len(word.text)
        for n, char in enumerate(word.text):
            chars.append(char)
            lefts.append(word.x0 + n * step)
            rights.append(word.x0 + (n + 1) * step)
    return _line([Run("".join(chars), font, size, 0, 0, edges_of(lefts, rights))], line)


def _line(runs: list[Run], words: Sequence[Word]) -> Line:
    box = (
        min(word.x0 for word in words), min(word.y0 for word in words),
        max(word.x1 for word in words), max(word.y1 for word in words),
    )  # fmt: skip
    return Line(runs, words[0].base, box)
