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
from booktune_assets.books.cells import added_by, row_text
from booktune_assets.books.elements import everything, tag_of
from booktune_assets.books.gathered import Notes, marks_within
from booktune_assets.books.htmlcode import Code, set_in, together
from booktune_assets.books.inline import Marks
from booktune_assets.books.leaves import Leaves
from booktune_assets.books.ledger import Ledger, ink
from booktune_assets.books.links import Trail
from booktune_assets.books.printmarks import noted, text_of, unread
from booktune_assets.books.ranks import Ranks
from booktune_assets.books.roles import is_label_word, kind_of
from booktune_assets.books.shown import Shown
from booktune_assets.books.styles import Styles
from booktune_assets.books.tables import rows_of
from booktune_assets.books.taskboxes import sets_task

__all__ = ["Walked", "is_box", "names_at"]

_LINES = frozenset({"p", "li", "dd", "dt", "td", "th", "div"})  # what may be a line of notes
_INLINE = frozenset({"a", "sup", "span", "b", "i", "em", "strong", "small"})


class Walked:
    """One document to blocks. ``href`` follows the last anchor that was passed.

    ``looks`` holds the tag and classes that a block had, by ``id(block)``; ``lone`` the paragraphs
    of inline code alone, with their text as code. ``notes`` are notes and their marks,
    ``trail`` the links and anchors, both shared by the documents of a book. ``ranked``:
    sections say that they are chapters; else tags are levels, counted from the tag ``h<top>`` of
    chapters.
    """

    def __init__(
        self, name: str, parsed: Parsed, ledger: Ledger, number: int, styles: Styles | None = None,
        *, ranked: bool = True, top: int = 1, notes: Notes | None = None,
        trail: Trail | None = None, shown: Shown | None = None, leaves: Leaves | None = None,
    ) -> None:  # fmt: skip
        self.name, self.parsed = name, parsed
        self.ledger, self.number = ledger, number
        self.styles = styles or Styles()
        self.ranked, self.top = ranked, top
        self.notes = notes or Notes()
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
        self.line_marks: list[str] = []  # where marks of notes in these lead
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

    def _noted(self, element: Any) -> None:
        """A mark was met: where it leads is a note, or the text that has its mark."""
        signs = set(noted(element))
        if self.kinds[-1] == "footnote":
            if "".join(self.buffer).strip():  # the sign that a note begins with leads back
                leads = map(self._address, signs)
                self.notes.nests(one for one in leads if one not in self.trail.targets)
            signs.clear()
        self.notes.marked(map(self._address, signs))
        ids = (one.get("id") for one in element.iter())
        self.trail.passed(*(f"{self.name}#{name}" for name in ids if name))
        for link in (one for one in element.iter() if tag_of(one) == "a"):
            if "#" in (href := link.get("href") or "") and href not in signs:
                self.notes.led_back(self._address(href))

    def _noted_within(self, element: Any) -> None:
        self.notes.marked(map(self._address, marks_within(element)))

    def _of_notes(self, table: Any) -> bool:
        """Whether the rows of a table are notes."""
        if kind_of(table, "table", "") == "footnote":
            return True
        rows = [one for one in table.iter() if tag_of(one) == "tr"] if self.notes.known else []
        return bool(rows) and all(
            any(f"{self.name}#{name}" in self.notes.known for name in names_at(row)) for row in rows
        )

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
            self.notes.stands(block)
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

    def _end_code(self) -> None:
        """The kept lines are a listing; a lone paragraph of inline code is a paragraph."""
        lines, self.lines = self.lines, []
        if not lines:
            return
        late = self.trail.hold()  # anchors and marks of what comes behind the listing
        marks = self.notes.hold()
        self.notes.marked(self.line_marks)
        self.line_marks.clear()
        for held in self.held:
            self.trail.give(held)
        self.held.clear()
        self._put_lines(lines)
        self.trail.give(late)
        self.notes.marked(marks)

    def _put_lines(self, lines: list[tuple[Code, str]]) -> None:
        code = together([code for code, _ in lines])
        if not self.sure and "\n" not in code.text:
            self._took_all(code.took)
            block = self._put(self.within, " ".join(code.text.split()), href=lines[0][1])
            block.level = self.deep or None if self.within == "list" else None
            self.lone.append((block, printable([code.text.rstrip()])))
            return
        self.runs += not self.sure
        self._code(code, self.fence, href=lines[0][1])

    def _drawn(self, element: Any) -> str:
        """The words of a heading that is an image."""
        said = (one.get("alt") or "" for one in element.iter() if tag_of(one) == "img")
        words = " ".join(" ".join(said).split())
        self.ledger.adds(self.number, printable([words]))
        return words

    def _add(self, kind: str, text: str, lang: str = "") -> Block:
        self._end_code()
        return self._put(kind, text, lang)

    def _table(self, element: Any) -> None:
        for caption in (e for e in element if tag_of(e) == "caption"):
            self._add("caption", " ".join(text_of(caption).split()))
        rows = [[" ".join(text_of(cell).split()) for cell in row] for row in rows_of(element)]
        self._took("hidden", *unread(element))
        self._noted_within(element)
        self.ledger.adds(self.number, "".join(map(added_by, rows)))
        self._add("table", "\n".join(map(row_text, rows)))

    def _took_all(self, took: list[tuple[str, str]], block: Block | None = None) -> None:
        for kind, text in took:
            self._took(kind, text, block=block)

    def _took(self, kind: str, *texts: str, block: Block | None = None) -> None:
        for text in texts:
            if text.strip():
                self.ledger.took(self.number, kind, text, block=block)


def is_box(element: Any) -> bool:
    """Whether a quotation is a box that begins with "Your turn", or with "Note:" in bold."""
    first = next((one for one in element if tag_of(one)), None)
    if first is None or (element.text or "").strip():
        return sets_task(" ".join(everything(element).split()))
    inner = [one for one in (first, *first[:1]) if not (one.text or "").strip()]
    return any(map(_labels, inner)) or sets_task(" ".join(everything(first).split()))


def _labels(element: Any) -> bool:
    """Whether an element begins with a label in bold: its colon stands in it or behind."""
    bold = next((one for one in element if tag_of(one)), None)
    if bold is None or tag_of(bold) not in ("strong", "b"):
        return False
    words = everything(bold).strip()
    colon = words.endswith(":") or (bold.tail or "").startswith(":")
    return colon and is_label_word(words)


def names_at(element: Any) -> Iterator[str]:
    """The id of an element, and those of the anchors that its text begins with, or its term's."""
    if own := element.get("id"):
        yield own
    tag = tag_of(element)
    first = None  # what stands for it: the first cell of a row, the term that it explains
    if tag == "tr":
        first = next((one for one in element if tag_of(one) in ("td", "th")), None)
    elif tag == "dd":
        first = next((one for one in element.itersiblings(preceding=True) if tag_of(one)), None)
    if first is not None and tag_of(first) in ("td", "th", "dt"):
        yield from names_at(first)
    if tag_of(element) not in _LINES or (element.text or "").strip():
        return
    for part in element:
        if tag_of(part) and tag_of(part) not in _INLINE:
            return
        yield from (name for one in part.iter() if tag_of(one) and (name := one.get("id")))
        if (tag_of(part) and everything(part).strip()) or (part.tail or "").strip():
            return
