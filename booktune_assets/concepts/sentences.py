"""Sentences of a paragraph, with offsets.

Belongs here: where a sentence begins and ends in technical prose (``Enum.map/2`` and ``e.g.`` do
not end one). Does not: what a sentence says (``definitions.py``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Sentence", "split_sentences"]

_END = re.compile(r"[.!?…]+[\"'”’)\]`*_]*(?=\s)|\n\s*\n")
_NOT_AN_END = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|Mr|Mrs|Dr|Fig|fig|No|resp|approx|al|a\.k\.a|aka)\.|\s[A-Z]\.)$"
)
SHORT = 10  # characters: more than any of these abbreviations and what stands before it
# A capital, a mark, or code that is written small: `init/1 runs …`, `use GenServer defines …`.
_OPENS = re.compile(
    r"[\"'“‘(\[`*_]*[A-Z0-9:&@%~|<^]|[`“\"'(\[]|[a-z_]\w*[!?]?[/(.:]\w|"
    r"(?:use|import|alias|require) [A-Z]|"
    r"(?:def(?:p|module|struct|macrop?|guardp?|protocol|impl|exception|delegate)?|iex|mix)\b"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and its place: ``paragraph[start:end] == text``."""

    text: str
    start: int
    end: int


def split_sentences(paragraph: str) -> list[Sentence]:
    """Sentences in order. White space between them belongs to none."""
    return list(_split(paragraph))


@lru_cache(maxsize=4096)  # each family looks at the same paragraphs
def _split(paragraph: str) -> tuple[Sentence, ...]:
    found: list[Sentence] = []
    start = 0
    for end in _END.finditer(paragraph):
        rest = paragraph[end.end() :].lstrip()
        stopped = end.group().strip()
        if stopped and _NOT_AN_END.search(paragraph, max(start, end.end() - SHORT), end.end()):
            continue
        if stopped and rest and not _OPENS.match(rest):
            continue
        _add(found, paragraph, start, end.end())
        start = end.end()
    _add(found, paragraph, start, len(paragraph))
    return tuple(found)


def _add(found: list[Sentence], paragraph: str, start: int, end: int) -> None:
    piece = paragraph[start:end]
    text = piece.strip()
    if text:
        first = start + len(piece) - len(piece.lstrip())
        found.append(Sentence(text, first, first + len(text)))
