"""What a section is in a book: part, chapter or appendix; front matter, body or back matter.

Belongs here: the names and marks by which prefaces, copyright pages, indexes and the like are
known. Does not: the tree itself (``sections.py``), what mark-up says of it (``ranks.py``).

A name counts only beside the chapters: a section "References" inside of one is text. Names that
stand at either end (about the author, licence, colophon) go by where the body is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Head", "chapter_level", "is_matter", "kinds_of", "roles_of"]

_END = r"(?:\s*$|\s*[:.,\u2014\u2013-]|\s+(?:to|of|for|by|and)\b)"
_FRONT = re.compile(
    r"(?:brief |table of |detailed )?contents(?: at a glance)?\s*$"
    r"|(?:preface|foreword|acknowledge?ments?|dedications?|title page|half title|frontispiece"
    r"|list of (?:figures|tables|listings|examples)"
    r"|about (?:this|the) book|praise|what (?:readers|people) (?:are saying|say)|imprint)" + _END,
    re.I,
)  # fmt: skip
_EITHER = re.compile(
    r"(?:copyright|\u00a9|colophon|licen[cs]es?|legal notices?|about the (?:cover|authors?|editors?"
    r"|translators?|(?:technical )?reviewers?)|contributors|credits|errata"
    r"|revision history|change ?log|release notes|version history)"
    rf"{_END}|(?:also|other books) by\b",
    re.I,
)  # fmt: skip
_BACK = re.compile(
    r"(?:(?:subject |general )?index|glossary|bibliography|references|works cited|further reading"
    r"|recommended reading|afterword|endnotes|notes)\s*(?:of terms)?$",
    re.I,
)  # fmt: skip
_NOTICE = re.compile(
    r"\u00a9|\(c\) ?\d{4}|\bcopyright\b|all rights reserved|\bISBN\b|\blicen[cs]ed under\b"
    r"|\bpublished by\b|\bcreative commons\b|\bfirst edition\b|\btypeset\b",
    re.I,
)  # fmt: skip
_APPENDIX = re.compile(r"appendix\b", re.I)
_NOTICE_CHARS = 2_500


@dataclass(slots=True)
class Head:
    """A section as far as its role goes; ``above`` is the position of the one around it, or -1."""

    title: str
    level: int
    number: str | None
    above: int
    text: str
    headed: bool = True
    label: str | None = None


def chapter_level(levels: Sequence[int]) -> int:
    """The level of chapters: the highest below parts that more than one section has."""
    counts = Counter(level for level in levels if level > 0)
    several = [level for level, number in counts.items() if number > 1]
    return min(several, default=min(counts, default=1))


def is_matter(title: str) -> bool:
    """Whether a title names what may stand before or behind the body of a book."""
    return any(name.match(title) for name in (_FRONT, _EITHER, _BACK))


def kinds_of(heads: Sequence[Head]) -> list[str]:
    """``part``, ``chapter``, ``appendix`` or ``section`` for each section, in reading order.

    The word printed before its number says what stands beside the chapters; other appendices are
    called so, or are lettered from A on where the chapters are not.
    """
    top = chapter_level([head.level for head in heads])
    kinds: list[str] = []
    letters = False
    for head in heads:
        number = head.number or ""
        if head.level <= top and head.label in ("part", "appendix"):
            kinds.append(head.label)
            continue
        if head.level != top:
            kinds.append("part" if head.level < top else "section")
            continue
        letters = letters or (number == "A" and "chapter" in kinds)
        lettered = letters and len(number) == 1 and number.isupper()
        kinds.append("appendix" if lettered or _APPENDIX.match(head.title) else "chapter")
    return kinds


def roles_of(heads: Sequence[Head]) -> list[str]:
    """``front``, ``body`` or ``back`` for each section, in reading order."""
    top = chapter_level([head.level for head in heads])
    holds = {head.above for head in heads}
    total = sum(len(head.text) for head in heads) or 1
    roles: list[str] = []
    before = 0
    for number, head in enumerate(heads):
        around = roles[head.above] if head.above >= 0 else ""
        if around in ("front", "back"):
            roles.append(around)
        elif head.level > top or len(heads) == 1:
            roles.append("body")
        else:
            roles.append(_role(head, before / total, alone=number not in holds, first=number == 0))
        before += len(head.text)
    return roles


def _role(head: Head, before: float, *, alone: bool, first: bool) -> str:
    """``before`` is the share of the book's text that stands before the section."""
    if first and not head.headed:
        return "front"
    if head.number is not None:
        return "body"
    if head.label in ("front", "back"):  # a colophon may stand at either end
        return "back" if head.label == "back" and before >= 0.5 else "front"
    if _FRONT.match(head.title):
        return "front"
    if _EITHER.match(head.title):
        return "front" if before < 0.5 else "back"
    if _BACK.match(head.title):
        return "back" if before >= 0.5 else "body"
    notice = alone and len(head.text) < _NOTICE_CHARS and _NOTICE.search(head.text)
    return "front" if notice and before < 0.1 else "body"
