"""How deep a heading of (X)HTML is, by its tag and the sections that it stands in.

Belongs here: levels and places by mark-up. Does not: which elements are headings (``walker.py``),
what a table of contents says of levels (``toc.py``).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from booktune_assets.books.elements import classes_of, tag_of, types_of
from booktune_assets.books.roles import rank_of

__all__ = ["Ranks", "is_part", "matter_of", "said_level"]

_SECTIONS = ("section", "article")
_FRONTAL, _BACKWARD = (
    frozenset({name for one in words.split() for name in (one, f"doc-{one}")})
    for words in (
        "frontmatter preface foreword dedication epigraph acknowledgments acknowledgements"
        " copyright-page imprint imprimatur contributors other-credits halftitlepage seriespage",
        "glossary index bibliography afterword colophon endnotes",
    )
)


class Ranks:
    """The headings of one document that opened its sections."""

    def __init__(self) -> None:
        self._opened: dict[Any, int] = {}  # section that says what it is → tag level of its heading
        self._heads: dict[Any, int] = {}  # the same for all sections
        self._top: int | None = None  # of the first heading; 0 where it stands in a section

    def level(self, element: Any, level: int) -> int:
        """The level by the section that a heading opens, where mark-up names it a chapter or so."""
        repeats = self._repeats(element, level)
        for above in element.iterancestors():
            rank = rank_of(above)
            if rank is None or _goes_on(above):
                continue
            if above not in self._opened:
                self._opened[above] = level
                return rank + repeats
            return max(rank + level - self._opened[above], rank, 1) + repeats
        return level + repeats

    def _repeats(self, element: Any, level: int) -> int:
        """How many sections around a heading have one of the same tag as the section in them.

        HTML lets every section begin with ``h1``; one that says its rank is no deeper for that. A
        document that has its title above all sections is one, too.
        """
        around = [one for one in element.iterancestors() if tag_of(one) in _SECTIONS]
        if self._top is None:
            self._top = 0 if around else level
        for one in around[:1]:
            self._heads.setdefault(one, level)
        known = [one for one in around if one in self._heads]
        whole = bool(known) and self._heads[known[-1]] == self._top and rank_of(known[-1]) is None
        return whole + sum(
            self._heads[inner] == self._heads[outer] and rank_of(inner) is None
            for inner, outer in pairwise(known)
        )


def _goes_on(element: Any) -> bool:
    """Whether an element says what the section around it says: the body of an index or so."""
    own = types_of(element)
    return bool(own) and any(
        own & types_of(one) and rank_of(one) is not None for one in element.iterancestors()
    )


def is_part(element: Any) -> bool:
    """A heading that its own mark-up, or that of the section it opens, calls a part."""
    near = [one for one in (element, element.getparent()) if one is not None]
    return any("part" in types_of(one) | set(classes_of(one)) for one in near)


def matter_of(element: Any) -> str | None:
    """ "front" or "back" where the section that a heading opens is typed so; None for others."""
    for above in element.iterancestors():
        types = types_of(above)
        if types & _FRONTAL:
            return "front"
        if types & _BACKWARD:
            return "back"
        if rank_of(above) is not None or types:
            return None
    return None


def said_level(element: Any) -> int | None:
    """The level of an element that says it is a heading (``role``, ``aria-level``)."""
    if (element.get("role") or "").strip().lower() != "heading":
        return None
    level = (element.get("aria-level") or "2").strip()
    return int(level) if level in ("1", "2", "3", "4", "5", "6") else 2
