"""What a packed page may hold, known without unpacking it: most rules look for what few pages have.

Belongs here: noting it when a page is packed. Does not: what follows from it (the rules themselves,
which look closer). A fact may be told of a page that lacks it, never the other way round.
"""

from __future__ import annotations

import re

from booktune_assets.books.glyphs import PageDrawn, Run

__all__ = [
    "CAPS", "CODES", "EVERY", "LATTICES", "MAPPED", "PROMPTS", "SHAPES", "SHEETS",
    "SPACES", "TWINS", "WIDE", "facts_of",
]  # fmt: skip

WIDE, TWINS, SPACES, CODES, PROMPTS, CAPS, SHAPES, SHEETS, LATTICES, MAPPED = (
    1 << place for place in range(10)
)
EVERY = (1 << 10) - 1

_SIGNS = (
    (WIDE, re.compile("[\u2e80-\u9fff]")),  # ideographs, see ``swapped.py``
    # look-alikes of plain signs, see ``misnamed.py``
    (TWINS, re.compile("[\u00a0\u00ad\u01c0\u037e\u1fef\u2044\u212a\u2215\u2216\u2223\u2236]")),
    (SPACES, re.compile("\u2423")),  # signs for spaces, see ``composed.py``
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
        found |= CODES
    if _PROMPT.search(text):
        found |= PROMPTS
    if any(_may_be_cap(line.runs[:_FIRST]) for line in page.lines):
        found |= CAPS
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
        (SHAPES, page.pictures or page.marks), (SHEETS, sheet), (LATTICES, page.lattices),
        (MAPPED, page.mapped[1]),
    )  # fmt: skip
    return sum(fact for fact, seen in told if seen)
