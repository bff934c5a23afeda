"""Blank lines by the habit of a book: between which kinds of lines it leaves one, and where never.

Belongs here: counting that within pages, and what it says at a page break. Does not: the geometry
of page breaks (``breaks.py``).

Formatted code has a rhythm: a blank line between ``end`` and the next ``def``, none behind ``do``
or before ``end``. What a book does time after time within its pages it does where a page ends.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from booktune_assets.books.listing import Listing

__all__ = ["Rhythm", "learn_rhythm"]

_PROMPT = re.compile(r"\s*(?:iex|\.\.\.|\u2026)[^>\n]{0,20}>|\s*(?:\([^)\n]*\))?\d+> ")
_BEFORE = (
    ("opens", re.compile(
        r"(?:\b(?:do|of|receive|fn|begin|try|else|after|catch|rescue|and|or|when)|->|[(\[{,|+=&])$")),
    ("names", re.compile(r"\s*@(?:doc|spec|impl|typedoc|deprecated|tag)\b(?!.*\"\"\"$)")),
    ("quotes", re.compile(r"\"\"\"$")),
    ("ends", re.compile(r"\s*end\b[.,;)]*$")),
    ("closes", re.compile(r"\s*[)\]}]+[.,;]?$")),
    ("loads", re.compile(r"\s*(?:use|alias|import|require) [A-Z]")),
    ("remarks", re.compile(r"\s*[#%]")),
    ("stops", re.compile(r"[.;]$")),
)  # fmt: skip
_AFTER = (
    ("closes", re.compile(r"\s*(?:(?:end|else|rescue|catch|after)\b|[)\]}]|\|>)")),
    ("names", re.compile(r"\s*@\w")),
    ("forms", re.compile(r"\s*(?:def\w*|test|describe|setup)\b")),
    ("loads", re.compile(r"\s*(?:use|alias|import|require) [A-Z]")),
    ("remarks", re.compile(r"\s*[#%]")),
    ("clause", re.compile(r".*->$")),
)  # fmt: skip
_TIGHT = frozenset({"opens", "names"})  # nobody leaves a blank line behind these as a habit
_ENOUGH = 3
_RARE = 0.05
_Key = tuple[str, str, str, int]


@dataclass(slots=True)
class Rhythm:
    """How often lines of two kinds stood together, and how often a blank line was between."""

    blank: Counter[_Key] = field(default_factory=Counter[_Key])
    tight: Counter[_Key] = field(default_factory=Counter[_Key])

    def says(self, before: str, after: str, lang: str) -> bool | None:
        """Whether a blank line belongs between two lines; None where the book has no habit."""
        key = _key(before, after, lang)
        if key is None:
            return None
        blank, tight = self.blank[key], self.tight[key]
        if key[1] in _TIGHT or (key[2] == "closes" and key[1] != "quotes"):
            tight += _ENOUGH
        if tight >= _ENOUGH and blank <= _RARE * tight:
            return False
        often = blank >= _ENOUGH and tight <= _RARE * blank
        return True if often and key[2] else None  # what any line is says too little to add one


def learn_rhythm(listings: Iterable[Listing]) -> Rhythm:
    """The rhythm of a book, from all lines that stand on one page."""
    found = Rhythm()
    for listing in listings:
        lang = listing.lang
        for number in range(1, len(listing.texts)):
            if number in listing.marked or number in listing.glue:
                continue
            key = _key(listing.texts[number - 1], listing.texts[number], lang)
            if key is not None:
                (found.blank if listing.blanks[number] else found.tight)[key] += 1
    return found


def _key(before: str, after: str, lang: str) -> _Key | None:
    """The kinds of two lines of Elixir or Erlang, and which of them is set in further."""
    if lang not in ("elixir", "erlang") or _PROMPT.match(before) or _PROMPT.match(after):
        return None
    one = next((name for name, found in _BEFORE if found.search(before)), "")
    two = next((name for name, found in _AFTER if found.match(after)), "")
    if not one and not two:
        return None  # any line and any other: they have no habit
    depths = [len(line) - len(line.lstrip()) for line in (before, after)]
    return lang, one, two, (depths[1] > depths[0]) - (depths[1] < depths[0])
