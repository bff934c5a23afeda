"""Running heads in the type of the code: the name of a function or a module, as manuals have them.

Belongs here: telling them from code at the edge of a page. Does not: heads in other type
(``furniture.py``).

Code repeats, too, so words tell nothing. A head stands apart from the text at one height on page
after page, and no page has words of text at that height, where code that begins a page would have
prose beside it on other pages. A number in that type is that of its page where three such count
the pages, on those that begin chapters alone, too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import Line, PageDrawn

__all__ = ["CodeHeads"]

_ENOUGH, _SHARE = 6, 0.4  # pages that have one, and of all pages
_OTHER = 0.05  # of them have text at that height, at most
_CLEAR = 1.5  # type sizes between a head and the text
_LEVEL = 0.4  # type sizes between baselines of one row in two faces
_STEP = 2.0  # pt; the grid of heights
_LONG = 60
_DIGITS = 4
_COUNTED = 3  # numbers of pages at one height


class CodeHeads:
    """Lines in the type of the code that are apart at the top or foot, page by page."""

    def __init__(self, fonts: Fonts) -> None:
        self._fonts = fonts
        self._pages = 0
        self._heads: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self._folios: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        self._texts: Counter[int] = Counter()

    def see(self, page: PageDrawn) -> None:
        """Look at the next page."""
        self._pages += 1
        order = sorted(range(len(page.lines)), key=lambda n: page.lines[n].baseline)
        for edge in (order, order[::-1]):
            self._look(page, edge)
        self._texts.update({
            round(line.baseline / _STEP) for line in page.lines
            if not _is_code(line, self._fonts) and not line.text.strip().isdigit()
        })  # fmt: skip

    def _look(self, page: PageDrawn, order: Sequence[int]) -> None:
        """Enter the lines of the outermost row, if the next one is clear of it."""
        if not order:
            return
        first = page.lines[order[0]].baseline
        size = _CLEAR * self._fonts.body_size
        level = _LEVEL * self._fonts.body_size
        row = [n for n in order[:4] if abs(page.lines[n].baseline - first) < level]
        rest = order[len(row) : len(row) + 1]
        if not rest or abs(page.lines[rest[0]].baseline - first) < size:
            return
        for n in row:
            line = page.lines[n]
            height = round(line.baseline / _STEP)
            if _is_code(line, self._fonts) and len(line.text) <= _LONG:
                self._heads[height].append((page.number, n))
            elif _is_number(line, self._fonts):
                shift = int(line.text) - page.number
                self._folios[height, shift].append((page.number, n))

    def found(self) -> dict[int, set[int]]:
        """Numbers of lines that are such heads, by page."""
        made: dict[int, set[int]] = defaultdict(set)
        for height in self._heads:
            own = [self._heads.get(height + off, []) for off in (-1, 0, 1)]
            seen = {page for heads in own for page, _ in heads}
            texts = sum(self._texts[height + off] for off in (-1, 0, 1))
            if len(seen) < max(_ENOUGH, _SHARE * self._pages) or texts > _OTHER * len(seen):
                continue
            for page, number in self._heads[height]:
                made[page].add(number)
        for (height, _), folios in self._folios.items():
            texts = sum(self._texts[height + off] for off in (-1, 0, 1))
            if len({page for page, _ in folios}) >= _COUNTED and texts <= _OTHER * self._pages:
                for page, number in folios:
                    made[page].add(number)
        return made


def _is_number(line: Line, fonts: Fonts) -> bool:
    runs = [run for run in line.runs if not run.text.isspace()]
    text = line.text.strip()
    return all(map(fonts.mono, runs)) and text.isdecimal() and len(text) <= _DIGITS


def _is_code(line: Line, fonts: Fonts) -> bool:
    runs = [run for run in line.runs if not run.text.isspace()]
    return all(map(fonts.mono, runs)) and any(map(str.isalpha, line.text))
