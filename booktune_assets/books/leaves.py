"""Printed pages of an EPUB: where its page list, its NCX and marks in its text say that they begin.

Belongs here: reading these, and which blocks stand on which printed page. Does not: the numbers
that a PDF prints (``pagenumbers.py``), what refers to a page (``crossrefs.py backmatter.py``).

A page may begin in the midst of a block, which then stands in two places. Where it does is counted
in characters that are no white space, for those are what a block keeps of its document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from booktune_assets.books.blocks import Block, Place, inked
from booktune_assets.books.elements import classes_of, everything, types_of

__all__ = ["Leaves", "label_said"]

_TYPES = frozenset({"pagebreak", "doc-pagebreak"})
_CLASSES = frozenset({"pagenum", "pageno", "page-num", "page-number", "pagebreak", "page-break"})
_LABEL = re.compile(r"\W*(?:p(?:age|p|g)?\.?[\s_-]*)?(?P<label>\d{1,4}|[ivxlc]{1,8})\W*", re.I)
_Begun = tuple[int, str]  # characters of a block before a page, its label


@dataclass(slots=True)
class Leaves:
    """Beginnings of pages while the documents of a book are read.

    ``labels`` are those of the page list by address (``document#anchor``).
    """

    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    _waiting: list[_Begun] = field(default_factory=lambda: list[_Begun]())
    _begun: dict[int, list[_Begun]] = field(default_factory=lambda: dict[int, list[_Begun]]())

    def meets(self, element: Any, document: str, before: int) -> None:
        """An element that comes behind ``before`` characters of the block that is being read."""
        name = element.get("id") or element.get("name")
        if name is None and not element.get("class") and not types_of(element):
            return
        label = self.labels.get(f"{document}#{name}") if name else None
        if label := label or _said(element):
            self._waiting.append((before, label))

    def within(self, element: Any, document: str) -> None:
        """The elements inside of a listing, a table or a title, whose text is taken as one."""
        before = inked(element.text or "")
        for one in element:
            if isinstance(one.tag, str):
                self.meets(one, document, before)
            before += inked(everything(one)) + inked(one.tail or "")

    def opens(self, document: str) -> None:
        """A document begins, which may be the beginning of a page."""
        label = self.labels.get(document)
        self._waiting = [(0, one) for _, one in self._waiting]
        if label:
            self._waiting.append((0, label))

    def stands(self, block: Block) -> None:
        """A block that was added: what began before or in it is told by it."""
        if self._waiting:
            self._begun[id(block)] = self._waiting
            self._waiting = []

    def settle(self, read: Sequence[Block], blocks: Sequence[Block]) -> None:
        """Say of the places of ``blocks`` on which page they are; ``read`` are all that were read.

        Blocks that were read and are none in the end hand on the pages that begin in them.
        """
        if not self._begun:
            return
        left = {id(block) for block in blocks}
        label: str | None = None
        for block in read:
            begun = self._begun.get(id(block), [])
            if id(block) in left and (label or begun) and len(block.places) == 1:
                block.places[:] = _parted(block, label, begun)
            label = begun[-1][1] if begun else label


def _parted(block: Block, label: str | None, begun: Sequence[_Begun]) -> list[Place]:
    """The place of a block, cut where pages begin."""
    place = block.places[0]
    spots = [at for at in range(place.start, place.end) if not block.text[at].isspace()]
    made = [replace(place, printed=label)]
    for before, own in begun:
        if before <= 0 or not spots:
            made[-1].printed = own
        elif before < len(spots) and spots[before] > made[-1].start:
            made[-1].end = spots[before - 1] + 1
            made.append(replace(place, start=spots[before], printed=own))
    return made


def _said(element: Any) -> str | None:
    """What a mark in the text says that it begins."""
    typed = types_of(element) & _TYPES
    if not typed and not _CLASSES & set(classes_of(element)):
        return None
    words = (element.get("title"), element.get("aria-label"), everything(element),
             element.get("id"))  # fmt: skip
    return next((label for said in words if (label := label_said(said or ""))), None)


def label_said(words: str) -> str | None:
    """The label in "12", "Page 12", "[xii]" or "page_12"."""
    found = _LABEL.fullmatch(words.strip())
    return found["label"] if found is not None else None
