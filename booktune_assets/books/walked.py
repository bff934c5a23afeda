"""What a walk over a document writes down: blocks, and the account of what is left out.

Belongs here: the state of a walk, blocks with their addresses, changes. Does not: which element is
what, and order (``walker.py``).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from booktune_assets.books.blocks import Block, Parsed, Place, printable
from booktune_assets.books.elements import everything, tag_of
from booktune_assets.books.htmlcode import Code, set_in
from booktune_assets.books.inline import Marks
from booktune_assets.books.leaves import Leaves
from booktune_assets.books.ledger import Ledger, ink
from booktune_assets.books.links import Trail
from booktune_assets.books.ranks import Ranks
from booktune_assets.books.shown import Shown
from booktune_assets.books.styles import Styles

__all__ = ["Walked", "names_at"]

_LINES = frozenset({"p", "li", "dd", "td", "div"})  # what may be a line of notes
_INLINE = frozenset({"a", "sup", "span", "b", "i", "em", "strong", "small"})


class Walked:
    """One document to blocks. ``href`` follows the last anchor that was passed.

    ``looks`` holds the tag and classes that a block had, by ``id(block)``; ``lone`` the paragraphs
    of inline code alone, with their text as code. ``notes`` are the addresses that marks of notes
    lead to, ``trail`` the links and anchors, both shared by the documents of a book. ``ranked``:
    sections say that they are chapters; else tags are levels, counted from the tag ``h<top>`` of
    chapters.
    """

    def __init__(
        self, name: str, parsed: Parsed, ledger: Ledger, number: int, styles: Styles | None = None,
        *, ranked: bool = True, top: int = 1, notes: set[str] | None = None,
        trail: Trail | None = None, shown: Shown | None = None, leaves: Leaves | None = None,
    ) -> None:  # fmt: skip
        self.name, self.parsed = name, parsed
        self.ledger, self.number = ledger, number
        self.styles = styles or Styles()
        self.ranked, self.top = ranked, top
        self.notes = set[str]() if notes is None else notes
        self.trail = trail or Trail()
        self.shown = shown or Shown()
        self.leaves = leaves
        self.depth = 0  # of lists
        self.blocks: list[Block] = []
        self.looks: dict[int, str] = {}
        self.buffer: list[str] = []
        self.marks = Marks()
        self.kinds = ["prose"]
        self.look = ""
        self.anchor = ""
        self.seen = 0
        self.ranks = Ranks()
        self.lines: list[tuple[Code, str]] = []  # paragraphs that are lines of one listing
        self.held: list[tuple[list[str], list[str]]] = []  # anchors and terms of these
        self.sure, self.fence = False, ""
        self.within, self.deep = "prose", 0  # the kind and depth of the text around these
        self.asides: list[Any] = []  # notes that stand within the paragraph that is read
        self.hint = ""  # the language that a bar names, of the listing that comes next
        self.lone: list[tuple[Block, str]] = []  # paragraphs of nothing but inline code
        self.runs = self.listings = 0  # listings in paragraphs of inline code, and all others

    def _address(self, href: str) -> str:
        """``document#anchor`` of a link in this document."""
        document, _, anchor = href.partition("#")
        beside = posixpath.join(posixpath.dirname(self.name), unquote(document))
        return f"{posixpath.normpath(beside) if document else self.name}#{unquote(anchor)}"

    def _soft(self, text: str) -> str:
        """The text without what only says where a line may break: soft hyphens, empty spaces."""
        if text.isascii():
            return text
        for marks, kind in (("\u00ad", "hyphens"), ("\u200b\u2060\ufeff", "mark")):
            gone = "".join(char for char in text if char in marks)
            if gone and (kind == "mark" or self.ledger.wants(kind)):
                self._took(kind, gone)
                text = text.translate(dict.fromkeys(map(ord, marks)))
        return text

    def _put(self, kind: str, text: str, lang: str = "", *, href: str = "") -> Block:
        text = printable([text])
        href = href or self._href()
        block = Block(kind, text, lang=lang, places=[Place(0, len(text), href=href or None)])
        if text.strip():
            self.blocks.append(block)
            self.looks[id(block)] = self.look
            self.trail.stands(block)
            if self.leaves is not None:
                self.leaves.stands(block)
        return block

    def _leaf(self, element: Any) -> None:
        """Note the printed page that begins with an element."""
        if self.leaves is not None:
            before = ink("".join(self.buffer)).total() if self.buffer else 0
            self.leaves.meets(element, self.name, before)

    def _href(self) -> str:
        return f"{self.name}#{self.anchor}" if self.anchor else self.name

    def _code(self, code: Code, fence: str, *, href: str = "") -> None:
        moved = set_in(code) if self.ledger.wants("indents") else []
        self.ledger.adds(self.number, code.added)
        block = self._put("code", code.text, fence or self.hint, href=href)
        self.hint = ""
        self._took_all(code.took, block if code.text.strip() else None)
        for old, new in moved:
            self.ledger.took(self.number, "indents", old, new, block)

    def _took_all(self, took: list[tuple[str, str]], block: Block | None = None) -> None:
        for kind, text in took:
            self._took(kind, text, block=block)

    def _took(self, kind: str, *texts: str, block: Block | None = None) -> None:
        for text in texts:
            if text.strip():
                self.ledger.took(self.number, kind, text, block=block)


def names_at(element: Any) -> Iterator[str]:
    """The id of an element, and those of the anchors that its text begins with."""
    if own := element.get("id"):
        yield own
    if tag_of(element) not in _LINES or (element.text or "").strip():
        return
    for part in element:
        if tag_of(part) and tag_of(part) not in _INLINE:
            return
        yield from (name for one in part.iter() if tag_of(one) and (name := one.get("id")))
        if everything(part).strip() or (part.tail or "").strip():
            return
