"""Code in a font of words that a typesetter set on a grid: n letters spread over n cells.

Belongs here: telling such a grid, the column of each letter on it. Does not: letters of fixed pitch
that are spread (``listing.letter_grid``), code whose letters stand close (``regrid.py``).

LaTeX's ``listings`` does so by itself, whatever the font. A word of n letters gets n cells; what
they leave is parted into equal gaps before, between and behind its letters. So the gap within a
word tells how wide a cell is; words of a paragraph, whose letters touch, would give a width each.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from booktune_assets.books.fonts import CODED, Fonts
from booktune_assets.books.glyphs import Line, Run, edges_of
from booktune_assets.books.packed import Pages

__all__ = ["set_on_grid"]

_MUCH = 0.12  # of the letters of a book are in fixed pitch: its listings are, too
_WORD = 4  # letters that show a cell
_WORDS, _SHARE = 30, 0.6  # such words, and how many of them show one cell
_SAME = 0.02  # of the type size: gaps that are one
_SPREAD = 0.02  # of the type size: a wider gap is no kerning
_ENOUGH = 300  # words that tell the width of a cell exactly
_NEAR = 0.01  # of the type size, around the commonest width
_NARROW, _WIDE = 0.4, 0.75  # type sizes of a cell
_FITS, _SIGNS = 0.65, 0.2  # of the letters of a line; signs of other fonts may be off the grid
_FIRST = 8  # letters of the first word of a line
_OFF = 0.03  # of a cell by which a letter may be off
_NONE, _LONGEST = 3, 40  # words that a letter on no grid costs; letters of a word
_PHASES = 4  # lefts of grids that are tried for a line
_LONG = 300  # letters of a line that are looked at

_Letter = tuple[str, float, float]  # and its edges
_Kind = tuple[str, float]  # font and size


def set_on_grid(pages: Pages, fonts: Fonts) -> bool:
    """Give rows of code on a grid columns and a font of fixed pitch; whether there are any."""
    if fonts.fixed > _MUCH:
        return False
    cells = _cells(pages)
    if not cells:
        return False
    lefts: dict[float, Counter[float]] = defaultdict(Counter)
    for page in pages.whole():
        for line in page.lines:
            cell = _cell_of(line, cells)
            if cell is None:
                continue
            for word in _words(_letters(line)):
                left = (word[0][1] - _gap(word)) % cell
                lefts[cell][round(left, 1)] += 1
    phases = {cell: _apart(seen, cell) for cell, seen in lefts.items()}
    found = False
    for page in pages.edited():
        for line in page.lines:
            cell = _cell_of(line, cells)
            if cell and _set(line, cell, phases[cell]):
                found = True
    return found


def _apart(seen: Counter[float], cell: float) -> list[float]:
    """The commonest of some numbers that differ, each the mean of those around it."""
    found: list[float] = []
    for x, _ in seen.most_common():
        if all(abs(x - y) > 2 * _OFF * cell for y in found):
            near = [y for y in seen.elements() if abs(x - y) <= _OFF * cell]
            found.append(sum(near) / len(near))
        if len(found) == _PHASES:
            break
    return found


def _letters(line: Line) -> list[_Letter]:
    """The ink of a line, left to right."""
    return [
        (char, x, y) for run in line.runs
        for char, x, y in zip(run.text, run.lefts, run.rights, strict=True) if not char.isspace()
    ][:_LONG]  # fmt: skip


def _words(letters: Sequence[_Letter]) -> Iterator[Sequence[_Letter]]:
    """Runs of letters between which all gaps are equal."""
    start = 0
    while start + _WORD <= len(letters):
        end = _end(letters, start)
        word = letters[start:end]
        if end - start >= _WORD and all(char.isalpha() for char, _, _ in word):
            yield word
        start = max(end, start + 1)


def _end(letters: Sequence[_Letter], start: int) -> int:
    """Where the letters that stand at equal distances from ``start`` on end."""
    if start + 1 >= len(letters):
        return len(letters)
    gap, end = letters[start + 1][1] - letters[start][2], start + 2
    wide = _SAME * 10
    while end < len(letters) and abs(letters[end][1] - letters[end - 1][2] - gap) < wide:
        end += 1
    return end


def _gap(word: Sequence[_Letter]) -> float:
    return (word[-1][1] - word[0][2] - sum(y - x for _, x, y in word[1:-1])) / (len(word) - 1)


def _cells(pages: Pages) -> dict[_Kind, float]:
    """How wide a cell is, pt, for each font and size that is set on a grid."""
    seen: dict[_Kind, Counter[float]] = defaultdict(Counter)
    spread: Counter[_Kind] = Counter()
    for page in pages.whole():
        for line in page.lines:
            kind = _kind(line)
            if kind is None:
                continue
            for word in _words(_letters(line)):
                gap, wide = _gap(word), sum(y - x for _, x, y in word)
                cell = (wide + (len(word) + 1) * gap) / len(word)
                seen[kind][round(cell / kind[1], 2)] += 1
                spread[kind] += abs(gap) > _SPREAD * kind[1]
    found: dict[_Kind, float] = {}
    for kind, counted in seen.items():
        best, _ = counted.most_common(1)[0]
        near = sum(counted[round(best + step, 2)] for step in (-0.01, 0, 0.01))
        sure = near >= max(_WORDS, _SHARE * counted.total()) and _NARROW <= best <= _WIDE
        if sure and spread[kind] > counted.total() / 2:
            found[kind] = _exact(pages, kind, best)
    return found


def _exact(pages: Pages, kind: _Kind, about: float) -> float:
    """What the middle one of the words says of a cell, pt; in a row, errors add up."""
    found: list[float] = []
    for page in pages.whole():
        for line in page.lines:
            for word in _words(_letters(line)) if _kind(line) == kind else ():
                wide = sum(y - x for _, x, y in word) + (len(word) + 1) * _gap(word)
                if abs(wide / len(word) / kind[1] - about) <= _NEAR:
                    found.append(wide / len(word))
        if len(found) > _ENOUGH:
            break
    return median(found)


def _kind(line: Line) -> _Kind | None:
    """Font and size of a line, of which it has one but for slanted and bold words."""
    runs = [run for run in line.runs if not run.text.isspace()]
    if not runs or max(run.size for run in runs) - min(run.size for run in runs) > 0.5:
        return None
    font = max(runs, key=lambda run: len(run.text)).font
    return font, round(runs[0].size, 1)


def _cell_of(line: Line, cells: dict[_Kind, float]) -> float | None:
    kind = _kind(line)
    if kind is None or kind in cells:
        return cells.get(kind) if kind else None
    same = {cell for (_, size), cell in cells.items() if abs(size - kind[1]) < 0.5}
    return same.pop() if len(same) == 1 else None  # remarks in another font


def _set(line: Line, cell: float, phases: Sequence[float]) -> bool:
    """Set a line in columns where its letters stand on the grid."""
    letters = _letters(line)
    if not letters:
        return False
    best, left = _fitted(letters, cell, [*phases, *_own(letters, cell)])
    if best.count(None) > (1 - _FITS) * len(letters):
        return False
    columns: list[int] = []
    for (_, x, y), column in zip(letters, best, strict=True):
        least = columns[-1] + 1 if columns else 0
        middle = int(((x + y) / 2 - left) / cell) if column is None else column
        columns.append(max(middle, least))
    _fill(line, columns, cell, left)
    line.seen = edges_of([x for _, x, _ in letters], [y for _, _, y in letters])
    _, y0, right, y1 = line.box
    line.box = (min(left + columns[0] * cell, right - 1), y0, right, y1)
    return True


def _fitted(
    letters: Sequence[_Letter], cell: float, lefts: Sequence[float]
) -> tuple[list[int | None], float]:
    """The columns of letters on the grid on which most of them stand, and where that begins."""
    best, at = list[int | None]([None] * len(letters)), lefts[0]
    for left in lefts:
        found = _columns(letters, cell, left)
        if found.count(None) < best.count(None):
            best, at = found, left
        if best.count(None) <= _SIGNS * len(letters):
            break
    return best, at


def _own(letters: Sequence[_Letter], cell: float) -> list[float]:
    """Where the grid of a line may begin that begins at no common place: its first word tells."""
    found: list[float] = []
    wide = 0.0
    for count, (_, x, y) in enumerate(letters[:_FIRST], start=1):
        wide += y - x
        found.append((letters[0][1] - (count * cell - wide) / (count + 1)) % cell)
    return found


def _columns(letters: Sequence[_Letter], cell: float, left: float) -> list[int | None]:
    """The column of each letter on a grid that begins at ``left``; None where it stands on none.

    Of all ways to part the letters into words that stand on the grid, the one of the fewest words.
    """
    edges = [((x - left) / cell, (y - left) / cell) for _, x, y in letters]
    cost, free = [0], [0]  # of the letters before each one, and the column that they leave free
    last: list[tuple[int, int | None]] = [(0, None)]  # where the word before begins, and its column
    for end in range(1, len(letters) + 1):
        best = (cost[-1] + _NONE, free[-1] + 1, end - 1, None)
        for start in range(end - 1, max(-1, end - _LONGEST), -1):
            if start < end - 1 and not _close(edges, start):
                break
            column = _column(edges[start:end])
            if column is not None and column >= free[start] and cost[start] + 1 < best[0]:
                best = (cost[start] + 1, column + end - start, start, column)
        cost.append(best[0])
        free.append(best[1])
        last.append(best[2:])
    found: list[int | None] = []
    at = len(letters)
    while at:
        start, column = last[at]
        found[:0] = [None if column is None else column + n for n in range(at - start)]
        at = start
    return found


def _close(edges: Sequence[tuple[float, float]], start: int) -> bool:
    """Whether no space stands behind a letter: then the gap would be a cell and more."""
    return edges[start + 1][0] - edges[start][1] < 1


def _column(word: Sequence[tuple[float, float]]) -> int | None:
    """The cell in which letters begin that are spread over as many cells; None: they are not.

    Behind the last one, and where signs follow letters, there may be two gaps.
    """
    spare = len(word) - sum(y - x for x, y in word)
    between = [two[0] - one[1] for one, two in pairwise(word)]
    for gaps in range(len(word) + 1, len(word) + 4):
        gap = spare / gaps
        at = word[0][0] - gap
        if abs(at - round(at)) > 2 * _OFF or round(at) < 0:
            continue
        twice = sum(abs(one - gap) > _OFF for one in between)
        if len(word) + 1 + twice <= gaps and all(
            min(abs(one - gap), abs(one - 2 * gap)) <= _OFF for one in between
        ):
            return round(at)
    return None


def _fill(line: Line, columns: Sequence[int], cell: float, left: float) -> None:
    """Put the letters of a line into their columns, with spaces between them."""
    made: list[Run] = []
    number, end = 0, columns[0]
    for run in line.runs:
        text, begin = "", end
        for char in run.text:
            if char.isspace() or number >= len(columns):
                continue
            text += " " * (columns[number] - end) + char
            end, number = columns[number] + 1, number + 1
        if not text:
            continue
        lefts = [left + cell * (begin + n) for n in range(len(text))]
        made.append(
            replace(run, text=text, font=run.font + CODED,
                    edges=edges_of(lefts, [x + cell for x in lefts]))
        )  # fmt: skip
    line.runs = made
