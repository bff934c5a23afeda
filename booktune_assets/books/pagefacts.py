"""What a packed page may hold, known without unpacking it: most rules look for what few pages have.

Belongs here: noting it when a page is packed. Does not: what follows from it (the rules themselves,
which look closer). A fact may be told of a page that lacks it, never the other way round.
"""

from __future__ import annotations

import re

from booktune_assets.books.glyphs import PageDrawn, Run

__all__ = ["Fact", "facts_of"]


class Fact:
    """One bit for each; ``EVERY``: all of them."""

    WIDE = 1 << 0  # ideographs, see ``swapped.py``
    TWINS = 1 << 1  # look-alikes of plain signs, see ``misnamed.py``
    SPACES = 1 << 2  # signs for spaces, see ``composed.py``
    CODES = 1 << 3  # characters that no text prints, see ``slots.py``
    PROMPTS = 1 << 4  # ``]:``, see ``prompts.py``
    CAPS = 1 << 5  # a capital by itself, see ``dropcaps.py``
    SHAPES = 1 << 6  # pictures, or paths that may be a drawing
    SHEETS = 1 << 7  # it may be an image of text
    LATTICES = 1 << 8  # a ruled table
    MAPPED = 1 << 9  # letters that only the fonts knew
    LIGATURES = 1 << 10  # letters that are printed as one, see ``ligatures.py``
    EVERY = (1 << 11) - 1


_SIGNS = (
    (Fact.WIDE, re.compile("[\u2e80-\u9fff]")),
    (
        Fact.TWINS,
        re.compile("[\u00a0\u00ad\u01c0\u037e\u1fef\u2044\u212a\u2215\u2216\u2223\u2236]"),
    ),
    (Fact.SPACES, re.compile("\u2423")),
    (Fact.LIGATURES, re.compile("[\ufb00-\ufb06]")),
)
_PROMPT = re.compile(r"\] ?:")
_CAP = 2  # a large letter at most, with a quotation mark
_FIRST = 4  # runs of a line that one may be among
_READ = "glyphless"  # in the name of the font that text recognition writes in


def facts_of(page: PageDrawn) -> int:
    """The facts of a page, as one number."""
    text = "".join([line.text for line in page.lines])
    found = 0
    if not text.isascii():
        found |= sum(fact for fact, signs in _SIGNS if signs.search(text))
    if not text.isprintable():
        found |= Fact.CODES
    if _PROMPT.search(text):
        found |= Fact.PROMPTS
    if any(_may_be_cap(line.runs[:_FIRST]) for line in page.lines):
        found |= Fact.CAPS
    return found | _drawn(page)


def _may_be_cap(runs: list[Run]) -> bool:
    """Whether the first ink of a line is a capital by itself, of any size."""
    first = next((text for run in runs if (text := run.text.strip())), "")
    return 0 < len(first) <= _CAP and first[-1].isupper()


def _drawn(page: PageDrawn) -> int:
    """What is drawn besides text, or says how the text came about."""
    first = page.lines[0].runs[0].font.lower() if page.lines else ""
    sheet = page.unmapped or page.pictures or _READ in first or (page.marks and not page.chars)
    told = (
        (Fact.SHAPES, page.pictures or page.marks), (Fact.SHEETS, sheet),
        (Fact.LATTICES, page.lattices), (Fact.MAPPED, page.mapped[1]),
    )  # fmt: skip
    return sum(fact for fact, seen in told if seen)
