"""Marks of notes that nothing links: a raised sign, and a note that begins with the same one.

Belongs here: which sign belongs to which note. Does not: linked marks, where notes go
(``gathered.py``).

Powers and ordinals are raised, too. A sign is a mark where a note of the same document that no link
leads to begins with it, further down, and it stands behind a word or the end of a sentence: not
behind a digit, nor behind so few letters that they may be a unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from booktune_assets.books.blocks import Block

__all__ = ["Raised", "typed_sign"]

_SIGN = re.compile(r"[\[(]?(\d{1,3}|[*\u2020\u2021\u00a7]{1,3}|[a-z])[\])]?[.:]?")
_TYPED = re.compile(
    r"[\[(]?(\d{1,3}(?=[\])]|[.:]|\s)|[*\u2020\u2021\u00a7]{1,3})[\])]?[.:]?\s+(?=\S)"
)
_BEHIND = re.compile(r"(?:[^\W\d_]{3}|[.,;:!?)\]\"\u201d\u2019])$")
_TEXT = frozenset({"prose", "list", "callout"})


@dataclass(slots=True)
class Raised:
    """Raised signs of blocks, as (sign, where it stands, as it is written), and signs of notes."""

    _marks: dict[int, list[tuple[str, int, str]]] = field(
        default_factory=dict[int, list[tuple[str, int, str]]]
    )
    _signs: dict[int, str] = field(default_factory=dict[int, str])
    _waiting: list[tuple[str, int, str]] = field(default_factory=list[tuple[str, int, str]])
    _sign: str = ""

    def met(self, words: str, before: str) -> None:
        """A raised sign in the block that is being read, behind these words of it."""
        if found := _SIGN.fullmatch(words.strip()):
            self._waiting.append((found[1], len(" ".join(before.split())), words.strip()))

    def begins(self, words: str) -> None:
        """The note that is being read begins with a sign."""
        found = _SIGN.fullmatch(words.strip())
        self._sign = self._sign or (found[1] if found else "")

    def stands(self, block: Block) -> None:
        """A block that was added."""
        if block.kind == "footnote" and self._sign:
            self._signs[id(block)] = self._sign
        elif self._waiting and block.kind in _TEXT:
            self._marks[id(block)] = [*self._waiting]
        self._waiting.clear()
        self._sign = ""

    def pairs(
        self, blocks: Sequence[Block], linked: set[int]
    ) -> Iterator[tuple[Block, int, int, Block]]:
        """The block of a mark, where it stands, and its note; ``linked`` are notes that links lead
        to."""
        open_: dict[tuple[str, str], list[tuple[Block, int, int]]] = {}
        found: list[tuple[Block, int, int, Block]] = []
        for block in blocks:
            document = str(block.places[0].href).partition("#")[0]
            for sign, start, words in self._marks.get(id(block), ()):
                end = start + len(words)
                if block.text[start:end] == words and _BEHIND.search(block.text[:start]):
                    open_.setdefault((document, sign), []).append((block, start, end))
            sign = self._signs.get(id(block)) or typed_sign(block)[0]
            if sign and id(block) not in linked and (waiting := open_.pop((document, sign), [])):
                found.append((*waiting[0], block))
        yield from found


def typed_sign(block: Block) -> tuple[str, int]:
    """The sign that a note begins with as a word of its own, and where its text begins."""
    found = _TYPED.match(block.text) if block.kind == "footnote" else None
    return (found[1], found.end()) if found else ("", 0)
