"""Books that number every row of their code, in the code's own font, and whose code is flat.

Belongs here: what the whole book says for numbers that nothing else vouches for. Does not: finding
and judging numbers one listing at a time (``linenos.py``).

``1  iex> x`` over ``2  :ok`` may be output that counts its own rows, or a list. Where nearly all
that the book sets in that font bears such numbers, from 1 in each listing, they are the printer's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from booktune_assets.books.counts import Chain, Style
from booktune_assets.books.fonts import Fonts
from booktune_assets.books.glyphs import PageDrawn

__all__ = ["number_every_row", "rows_of_code"]

_NEARLY_ALL = 0.7  # of the rows in a type; wrapped rows have no number
_LISTINGS = 4  # with three numbers and more
_ROWS = 24

Type = tuple[str, float]


def rows_of_code(page: PageDrawn, fonts: Fonts) -> Iterator[Type]:
    """Font and size of each line that is wholly set in a font of code."""
    for line in page.lines:
        inked = [run for run in line.runs if not run.text.isspace()]
        if inked and all(map(fonts.mono, inked)):
            yield inked[0].font, round(inked[0].size, 1)


def number_every_row(chains: Sequence[Chain], rows: Mapping[Type, int]) -> None:
    """Make the chains of such a book sure."""
    alike: dict[Style, list[Chain]] = defaultdict(list)
    for chain in chains:
        if not chain.strong and chain.first.number == 1:
            alike[chain.first.style].append(chain)
    numbered: Counter[Type] = Counter()
    for style, some in alike.items():
        numbered[style[:2]] += sum(len(chain.counts) for chain in some)
    beside: Counter[Type] = Counter()  # lines that are the number of another line, no row
    for count in (count for chain in chains for count in chain.counts):
        beside[count.style[:2]] += count.alone and count.code is not None
    for style, some in alike.items():
        plain = [chain for chain in some if chain.group == "plain"]
        every = rows.get(style[:2], 0) - beside[style[:2]]
        enough = len(plain) >= _LISTINGS and every >= _ROWS
        if enough and numbered[style[:2]] >= _NEARLY_ALL * every:
            for chain in plain:
                chain.sure = True
