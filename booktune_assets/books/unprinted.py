"""Numbers that chapters have although no title prints them.

Belongs here: counting chapters, sections and appendices as a typesetter would. Does not: which
words name them (``spoken.py``), numbers that are printed (``labels.py``).

Markdown, and EPUBs whose style sheets count, hold titles alone, while their text says "Chapter 7".
Chapters of the body are counted where no section of it bears a number. What the text names by its
number and title, or number and link, shows where counting begins; all has to agree. Without it
a book whose first chapter may stand before the first number ("Introduction") is not counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

__all__ = ["unprinted_numbers"]

Row = dict[str, Any]
_UNSURE = re.compile(
    r"(?:introduction|introducing|prologue|welcome|overview|before (?:you|we)|about|how to)\b", re.I
)


def unprinted_numbers(
    sections: Sequence[Row], top: int, said: Sequence[tuple[int, str | None]]
) -> dict[str, Row]:
    """Sections by the numbers that they would have; ``top`` is the level of chapters.

    ``said`` are the numbers of chapters that the text names, each with the id of the chapter where
    a title or a link tells it.
    """
    body = [row for row in sections if row["role"] == "body"]
    chapters = [row for row in body if row["level"] == top and row["kind"] == "chapter"]
    if len(chapters) < 2 or not said or any(row["number"] for row in body):
        return {}
    place = {row["section_id"]: number for number, row in enumerate(chapters, start=1)}
    offsets = {number - place[one] for number, one in said if one in place}
    offset = min(offsets, default=0)
    unsure = not offsets and _UNSURE.match(chapters[0]["title"])
    if len(offsets) > 1 or unsure or max(one for one, _ in said) > len(chapters) + offset:
        return {}
    found = {str(place[row["section_id"]] + offset): row for row in chapters}
    found |= dict(_deeper(body, top, {one: number + offset for one, number in place.items()}))
    appendices = [row for row in body if row["level"] == top and row["kind"] == "appendix"]
    return found | {chr(65 + number): row for number, row in enumerate(appendices[:26])}


def _deeper(body: Sequence[Row], top: int, place: dict[str, int]) -> Iterator[tuple[str, Row]]:
    """The sections of each chapter, numbered level by level; none below one that leaves one out."""
    counts: list[int] = []
    for row in body:
        depth = row["level"] - top
        if depth <= 0:
            number = place.get(row["section_id"])
            counts = [number] if number is not None else []
        elif counts and depth <= len(counts):
            counts = [*counts[:depth], (counts[depth] if depth < len(counts) else 0) + 1]
            yield ".".join(map(str, counts)), row
