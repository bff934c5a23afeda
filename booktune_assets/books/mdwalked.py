"""What a walk over Markdown's tokens writes down: blocks, pictures, tables, the account.

Belongs here: the state of a walk, blocks with their addresses. Does not: which token is what, and
order (``markdown.py``).
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from typing import Any

from booktune_assets.books.blocks import Block, Figure, Parsed, Place, printable
from booktune_assets.books.cells import added_by, row_text
from booktune_assets.books.drawings import LABEL
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.links import Trail
from booktune_assets.books.mdnotes import Notes
from booktune_assets.books.mdsource import Lists, quoted, source_of, table_source
from booktune_assets.books.mdtext import plain
from booktune_assets.books.pictures import Gallery

__all__ = ["MdWalked", "Note"]

Note = Callable[[str], str | None]


class MdWalked:
    """Blocks with the heading that stands above as their address."""

    def __init__(
        self, note: Note | None, ledger: Ledger, parsed: Parsed, gallery: Gallery | None = None
    ) -> None:
        self.ledger, self.parsed, self.gallery = ledger, parsed, gallery
        self.trail = Trail()
        self.notes = Notes()
        self.blocks: list[Block] = []
        self.note = note
        self.taken: dict[str, int] = {}
        self.href: str | None = None
        self.lists = 0
        self.items = Lists()
        self.marks: list[str] = []  # of the code that comes next
        self.lead = ""  # a callout's label, which is no text
        self.quotes: list[str] = []  # the kind of the text of each box and quotation around
        self.tabs: list[int] = []  # how deep those boxes stand whose titles are those of tabs
        self.next_kind: str | None = None
        self.said: dict[str, str] = {}  # attributes of what comes next

    def _took(self, kind: str, text: str, block: Block | None = None) -> None:
        if text.strip():
            self.ledger.took(1, kind, text, block=block)

    def _kind(self) -> str:
        inside = self.quotes[-1] if self.quotes else "prose"
        return "list" if self.lists and inside != "footnote" else inside

    def _add(self, kind: str, text: str, lang: str = "") -> Block:
        block = Block(kind, text, lang=lang)
        self.marks = []
        block.places.append(Place(0, len(text), href=self.href))
        if text.strip():
            self.blocks.append(block)
            self.trail.stands(block)
        return block

    def _source(self, kind: str, token: Any) -> str | None:
        """A paragraph as it was written, in the list or quotation around it."""
        source = source_of(token, shown=True)
        if source is None:
            return None
        if kind == "list":
            return self.items.lined(source)
        if kind == "callout" and self.lead:
            source, self.lead = f"{self.lead}\n\n{source}", ""
        return quoted(source) if kind == "prose" and self.quotes else source

    def _captioned(self, title: str) -> None:
        """A title that an attribute gives to what comes next."""
        if title:
            self.ledger.adds(1, title)
            self._add("caption", title)

    def _show(self, image: Any) -> Figure | None:
        if self.gallery is None:
            return None
        return self.gallery.show(str(image.attrGet("src") or ""), plain(image), self.href)

    def _picture(self, image: Any) -> None:
        """An image that is a paragraph; its title below it, or its words if they are a label.

        A picture that the book does not bring is told by its words, else by its name.
        """
        source, title = str(image.attrGet("src") or ""), str(image.attrGet("title") or "")
        words = plain(image)
        figure = self._show(image)
        if figure is None:
            if not words:
                words = printable([posixpath.basename(source)])
                self.ledger.adds(1, words)
            self._add("figure", words)
        else:
            self.blocks.append(figure.block)
            if LABEL.match(words):  # what stands for the picture is its caption
                figure.caption, figure.alt = self._add("caption", words), None
                return
            self._took("figure", words, figure.block)
        if title.strip():
            self.ledger.adds(1, title)
            caption = self._add("caption", title)
            if figure is not None:
                figure.caption = caption

    def _table(self, tokens: Sequence[Any], position: int) -> int:
        rows: list[list[str]] = []
        cells: list[list[tuple[Any, str]]] = []
        while tokens[position].type != "table_close":
            if tokens[position].type == "tr_open":
                rows.append([])
                cells.append([])
            elif tokens[position].type == "inline":
                rows[-1].append(plain(tokens[position]))
                style = str(tokens[position - 1].attrGet("style") or "")
                cells[-1].append((tokens[position], style))
            position += 1
        self.ledger.adds(1, "".join(map(added_by, rows)))
        self._add("table", "\n".join(map(row_text, rows))).markup = table_source(cells)
        return position
