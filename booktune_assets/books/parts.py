"""Parts stand above chapters: the scale of levels, settled by the words that headings print.

Belongs here: levels of a book that says "Part II" and "Chapter 7", whatever its format. Does not:
levels by type, outline or tags (``levels.py toc.py``).

Parts are level 0 and chapters level 1. A reader may have put both on one level, everything one
deeper, or a preface beside the parts on theirs. Only parts that say so count, and only where they
are numbered in Roman numerals or hold chapters whose numbers go on from one part to the next: the
"Part 1" of a tutorial is a chapter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from booktune_assets.books.blocks import Block

__all__ = ["settle_parts"]

_ROMAN = re.compile(r"[IVXLC]+")


def settle_parts(blocks: Sequence[Block]) -> None:
    """Put the headings of a book with parts on the scale of the contract."""
    heads = [block for block in blocks if block.kind == "heading" and block.level is not None]
    parts = [n for n, head in enumerate(heads) if head.label == "part" and head.number]
    levels = {heads[n].level or 0 for n in parts}
    if len(levels) != 1:
        return
    (level,) = levels
    beside = [n for n, head in enumerate(heads) if head.level == level and _chapter(head)]
    if level > 0 and len(beside) > 1 and _told(heads, parts, beside):
        _apart(heads, parts, level)
        return
    below = [n for n, head in enumerate(heads) if head.level == level + 1 and _chapter(head)]
    if _told(heads, parts, below):
        _below(heads, parts, level)


def _apart(heads: Sequence[Block], parts: Sequence[int], level: int) -> None:
    """Parts and chapters were on one level, or on levels below that of the book's title."""
    held = set(parts)
    for number, head in enumerate(heads):
        head.level = 0 if number in held else max(0, (head.level or 0) - level + 1)


def _below(heads: Sequence[Block], parts: Sequence[int], level: int) -> None:
    """Chapters stood below parts: what stands beside the parts goes with the chapters."""
    held = set(parts)
    by = 0  # how much what stands here goes deeper, once parts are at 0
    gap = min((head.level or 0 for head in heads if (head.level or 0) > level), default=1) - level
    for number, head in enumerate(heads):
        own = (head.level or 0) - level
        own -= gap - 1 if own > 0 else 0  # tags that no heading has
        if number in held:
            by = 0
        elif own <= 0:
            by = 0 if _holds_chapters(heads, number, head.level or 0) else 1
        head.level = max(0, own + by)


def _holds_chapters(heads: Sequence[Block], number: int, level: int) -> bool:
    """Whether chapters stand right below a heading, or it is the title of the book."""
    for head in heads[number + 1 :]:
        if (head.level or 0) <= level:
            return False
        if head.label == "part" or (head.level == level + 1 and _chapter(head)):
            return True
    return False


def _chapter(head: Block) -> bool:
    """Whether a heading says that it is a chapter: by its word, or by a whole number."""
    if head.label == "part":
        return False
    return head.label in ("chapter", "appendix") or bool(head.number and head.number.isdigit())


def _told(heads: Sequence[Block], parts: Sequence[int], chapters: Sequence[int]) -> bool:
    """Whether the parts of a book are such: by their numerals, or by their chapters'."""
    if all(_ROMAN.fullmatch(heads[n].number or "") for n in parts):
        return True
    counts = [int(heads[n].number or "") for n in chapters if (heads[n].number or "").isdigit()]
    return len(counts) > 1 and counts == sorted(set(counts))
