"""One (X)HTML document into blocks, in reading order, with anchors as addresses.

Belongs here: the walk over a document, for EPUB and for what other formats turn into HTML. Does
not: what elements are (``roles codetags printmarks``), packages (``package.py``).
"""

from __future__ import annotations

import posixpath
import re
from typing import Any
from urllib.parse import unquote

from booktune_assets.books.blocks import Block, Parsed, Place, printable
from booktune_assets.books.cells import added_by, row_text
from booktune_assets.books.codetags import (
    begins,
    ends,
    fence_of,
    is_all_code,
    is_code_paragraph,
    is_code_table,
    is_listing,
    is_number_column,
)
from booktune_assets.books.elements import (
    BREAKS,
    DROPPED,
    classes_of,
    everything,
    tag_of,
)
from booktune_assets.books.htmlcode import Code, code_of, set_in
from booktune_assets.books.inline import Marks
from booktune_assets.books.labels import label_word, split_number
from booktune_assets.books.ledger import Ledger, ink
from booktune_assets.books.links import Trail, moved_links
from booktune_assets.books.printmarks import is_code_mark, is_mark, noted, text_of, unread
from booktune_assets.books.ranks import Ranks, is_part, said_level
from booktune_assets.books.roles import (
    is_contents,
    is_label_word,
    kind_of,
    title_level,
    titles_something,
)
from booktune_assets.books.shown import Shown
from booktune_assets.books.styles import Styles
from booktune_assets.books.tables import is_grid, rows_of
from booktune_assets.books.terms import taken

__all__ = ["Walker"]

_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*[01](?:px|pt)?\s*(?:;|$)"
    r"|(?<![-\w])color\s*:\s*(?:white|#fff)",
    re.I,
)
_PART = re.compile(r"part\s+(?:\d+|[ivxl]+|one|two|three|four|five|six|seven|eight)\b", re.I)
_NOTE_NUMBER = re.compile(r"[\[(]?(?:\d{1,3}|[a-z]|[*\u2020\u2021\u00a7]{1,3})[\])]?[.:]?")
_TITLE_MAX = 160


class Walker:
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
        trail: Trail | None = None, shown: Shown | None = None,
    ) -> None:  # fmt: skip
        self.name, self.parsed = name, parsed
        self.ledger, self.number = ledger, number
        self.styles = styles or Styles()
        self.ranked, self.top = ranked, top
        self.notes = set[str]() if notes is None else notes
        self.trail = trail or Trail()
        self.shown = shown or Shown()
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
        self.sure, self.fence = False, ""
        self.lone: list[tuple[Block, str]] = []  # paragraphs of nothing but inline code
        self.runs = self.listings = 0  # listings in paragraphs of inline code, and all others

    def run(self, body: Any) -> None:
        """Read the document's body."""
        whole = everything(body)
        self.seen = ink(whole).total()
        self.ledger.drew(self.number, whole)
        self.trail.passed(self.name)
        self._children(body)
        self._flush()
        self._end_code()
        self.trail.ends(self.blocks)

    def _children(self, element: Any) -> None:
        if element.text:
            self.buffer.append(element.text)
        for child in element:
            self._visit(child)
            if child.tail:
                self.buffer.append(child.tail)

    def _visit(self, element: Any) -> None:
        tag = tag_of(element)
        if tag == "svg":
            self._drawing(element)
            return
        if not tag or self._left_out(element, tag):
            return
        if _HIDDEN.search(element.get("style") or "") or element.get("hidden") is not None or (
            self.styles.hidden.fit(element)
        ):  # fmt: skip
            self.parsed.warn(f"{self.name or 'it'} holds text that a reader would not see")
        anchor = element.get("id") or (element.get("name") if tag == "a" else "")
        block_level, listing = tag in BREAKS, is_listing(element, self.styles)
        if block_level or listing:
            self._flush()
        self._passed(element, tag, anchor)
        if self._is_line(element):
            return
        if listing:
            self._listing(element)
        elif len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
            self._heading(element, max(0, int(tag[1]) - self.top + 1))
        elif tag == "table" and is_code_table(element):
            self._listing(element)
        elif tag == "table" and is_grid(element):
            self._table(element)
        elif tag == "br":
            self.buffer.append(" ")
            self._children(element)  # XML lets it hold text
        elif tag == "img":
            self._image(element)
            self._children(element)
        elif block_level:
            self._nested(element, tag)
        elif tag == "a" and element.get("href"):
            link = self.trail.open(element.get("href"), len(self.buffer))
            self._inline(element)
            link.end = len(self.buffer)
        else:
            self._inline(element)

    def _inline(self, element: Any) -> None:
        start = len(self.buffer)
        self._children(element)
        self.marks.note(element, start, len(self.buffer))

    def _passed(self, element: Any, tag: str, anchor: str | None) -> None:
        """Remember the anchors that the next block answers to, those inside of it too."""
        if anchor:
            self.anchor = anchor
            self.trail.passed(f"{self.name}#{anchor}")
        if len(tag) == 2 and tag[0] == "h" and tag != "hr":
            self.trail.ends(self.blocks)
        whole = tag in ("pre", "table") or tag[:1] == "h"
        self.trail.indexed(*taken(element, inner=whole))
        if whole:
            inner = (one.get("id") for one in element.iterdescendants())
            self.trail.passed(*(f"{self.name}#{one}" for one in inner if one))

    def _left_out(self, element: Any, tag: str) -> bool:
        """Scripts, marks of the typesetter and lists of contents are no text of the book."""
        kind = ""
        if tag in DROPPED:
            kind = "hidden"
        elif is_mark(element) or is_code_mark(element):
            kind = "mark"
        elif tag in ("div", "ul", "ol", "dl", "section") and is_contents(element):
            kind = "contents"
        elif tag in ("td", "th") and is_number_column(element):
            kind = "line_numbers"
        elif self.kinds[-1] == "footnote" and tag in ("a", "sup", "span"):
            first = not "".join(self.buffer).strip()
            kind = "mark" if first and _NOTE_NUMBER.fullmatch(everything(element).strip()) else ""
        if kind:
            if kind == "contents":
                self._flush()
            self._took(kind, everything(element))
            if kind == "mark" and self.kinds[-1] != "footnote":
                self.notes.update(self._address(href) for href in noted(element))
        return bool(kind)

    def _address(self, href: str) -> str:
        """``document#anchor`` of a link in this document."""
        document, _, anchor = href.partition("#")
        beside = posixpath.join(posixpath.dirname(self.name), unquote(document))
        return f"{posixpath.normpath(beside) if document else self.name}#{unquote(anchor)}"

    def _is_line(self, element: Any) -> bool:
        """Keep a paragraph that is a line of a listing until the listing ends."""
        sure = is_code_paragraph(element, self.styles)
        if not sure and not is_all_code(element, self.styles):
            return False
        if self.lines and (begins(element) or sure != self.sure):
            self._end_code()
        self.trail.indexed(*taken(element, inner=True))
        code = code_of(element, self.styles)
        code.inset = self.styles.inset_of(element)
        self.lines.append((code, self._href()))
        self.sure = sure
        if len(self.lines) == 1:
            self.fence = fence_of(element)
        if ends(element):
            self._end_code()
        return True

    def _end_code(self) -> None:
        """The kept lines are a listing; a lone paragraph of inline code is a paragraph."""
        lines, self.lines = self.lines, []
        if not lines:
            return
        text = "\n".join(set_in([code for code, _ in lines]))
        took = [entry for code, _ in lines for entry in code.took]
        if not self.sure and "\n" not in text:
            self._took_all(took)
            block = self._put(self.kinds[-1], " ".join(text.split()), href=lines[0][1])
            self.lone.append((block, printable([text.rstrip()])))
            return
        self.runs += not self.sure
        self._code(Code(text.strip("\n"), took), self.fence, href=lines[0][1])

    def _nested(self, element: Any, tag: str) -> None:
        kind = kind_of(element, tag, self.kinds[-1])
        if element.get("id") and f"{self.name}#{element.get('id')}" in self.notes:
            kind = "footnote"
        level = said_level(element)
        if level is None and tag in ("p", "div") and not kind:
            level = title_level(element)
        if (
            level is not None
            and self.kinds[-1] in ("prose", "list")
            and self._titled(element, level)
        ):
            return
        self.kinds.append(kind or self.kinds[-1])
        before, self.look = self.look, " ".join([tag, *classes_of(element)])
        deeper = tag in ("ul", "ol", "dl", "dd")  # what explains a term stands below it
        start = len(self.blocks)
        self.depth += deeper
        figure = tag == "figure" or "imageblock" in self.look.split()
        self.shown.open += figure
        self._children(element)
        self._flush()
        self.depth -= deeper
        if figure:
            self.shown.open -= 1
            self.shown.tie(self.blocks[start:])
        self.look = before
        self.kinds.pop()

    def _titled(self, element: Any, level: int) -> bool:
        """A paragraph that is named a title is a heading, unless it reads like text."""
        text = " ".join(text_of(element).split())
        inner = any(tag_of(one) in BREAKS for one in element.iterdescendants())
        if inner or not text or len(text) > _TITLE_MAX or titles_something(element):
            return False
        self._heading(element, level)
        return True

    def _flush(self) -> None:
        self._paragraph()
        self.blocks += self.shown.waiting
        self.shown.waiting.clear()

    def _paragraph(self) -> None:
        text = " ".join("".join(self.buffer).split())
        links = self.trail.links(self.buffer, self.name)
        source = self.marks.source(self.buffer)
        self.buffer.clear()
        if not text:
            return
        self._end_code()
        kind = self.kinds[-1]
        if kind == "callout" and is_label_word(text):
            self._took("mark", text)
            return
        if kind == "footnote":
            bare = text.lstrip(" .:)]")
            self._took("mark", text[: len(text) - len(bare)])
            links = moved_links(links, text, bare)
            text = bare
        soft = self._soft(text)
        block = self._add(kind, soft)
        block.links = moved_links(links, text, soft)
        block.markup = source if kind in ("prose", "callout") else None
        if kind == "list":
            block.level, block.markup = self.depth, source and f"* {source}"

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

    def _add(self, kind: str, text: str, lang: str = "") -> Block:
        self._end_code()
        return self._put(kind, text, lang)

    def _put(self, kind: str, text: str, lang: str = "", *, href: str = "") -> Block:
        text = printable([text])
        href = href or self._href()
        block = Block(kind, text, lang=lang, places=[Place(0, len(text), href=href or None)])
        if text.strip():
            self.blocks.append(block)
            self.looks[id(block)] = self.look
            self.trail.stands(block)
        return block

    def _href(self) -> str:
        return f"{self.name}#{self.anchor}" if self.anchor else self.name

    def _heading(self, element: Any, level: int) -> None:
        text = self._soft(" ".join(text_of(element).split())) or self._drawn(element)
        own = element.get("id") or next((e.get("id") for e in element.iter() if e.get("id")), "")
        if own:
            self.anchor = own
        self._took("hidden", *unread(element))
        kind = "caption" if self.shown.open else self.kinds[-1]
        if kind == "footnote" and level > 1:
            self._took("mark", text)
        elif kind == "callout" and is_label_word(text):
            self._took("mark", text)
        elif kind in ("callout", "caption"):
            self._add(kind, text)
        elif level > 1 and titles_something(element):
            self._add("caption", text)
        else:
            self._title(element, level, text)

    def _drawn(self, element: Any) -> str:
        """The words of a heading that is an image."""
        said = (one.get("alt") or "" for one in element.iter() if tag_of(one) == "img")
        words = " ".join(" ".join(said).split())
        self.ledger.adds(self.number, printable([words]))
        return words

    def _title(self, element: Any, level: int, text: str) -> None:
        number, title = split_number(text)
        block = self._add("heading", title)
        if number:
            self._took("heading_number", text[: len(text) - len(title)], block=block)
        level = self.ranks.level(element, level) if self.ranked else level
        block.level, block.number, block.anchor = level, number, self.anchor or None
        block.label = label_word(text)
        if level == 1 and (is_part(element) or _PART.match(text)):
            block.level = 0

    def _listing(self, element: Any) -> None:
        if tag_of(element) == "pre" and is_number_column(element):
            self._took("line_numbers", everything(element))
            return
        code = code_of(element, self.styles)
        self._end_code()
        self.listings += 1
        self._code(code, fence_of(element))

    def _code(self, code: Code, fence: str, *, href: str = "") -> None:
        block = self._put("code", code.text, fence, href=href)
        self._took_all(code.took, block if code.text.strip() else None)

    def _table(self, element: Any) -> None:
        for caption in (e for e in element if tag_of(e) == "caption"):
            self._add("caption", " ".join(text_of(caption).split()))
        rows = [[" ".join(text_of(cell).split()) for cell in row] for row in rows_of(element)]
        self._took("hidden", *unread(element))
        self.ledger.adds(self.number, "".join(map(added_by, rows)))
        self._add("table", "\n".join(map(row_text, rows)))

    def _took_all(self, took: list[tuple[str, str]], block: Block | None = None) -> None:
        for kind, text in took:
            self._took(kind, text, block=block)

    def _took(self, kind: str, *texts: str, block: Block | None = None) -> None:
        for text in texts:
            if text.strip():
                self.ledger.took(self.number, kind, text, block=block)

    def _image(self, element: Any) -> None:
        """An image that stands alone is a figure: what it shows in words, else its file's name."""
        source = element.get("src") or ""
        if source.startswith(("http:", "https:", "//", "file:")):
            self.parsed.warn(
                f"{self.name or 'it'} points at an image outside of the book; it was not fetched"
            )
        self.parsed.count("images")
        decoration = (element.get("role") or "") == "presentation"
        if not decoration and self.shown.show(source, element.get("alt"), self._href()):
            if not "".join(self.buffer).strip():
                self._flush()
            return
        holder = next((one for one in element.iterancestors() if tag_of(one) in BREAKS), None)
        if holder is None or "".join(self.buffer).strip():
            return
        if tag_of(holder) in ("p", "li", "td", "th", "dd") and everything(holder).strip():
            return
        figure = any(tag_of(one) == "figure" for one in element.iterancestors())
        words = " ".join((element.get("alt") or "").split())
        words = words or (posixpath.basename(source) if figure else "")
        if words:
            self._add("figure", words)
            self.ledger.adds(self.number, printable([words]))

    def _drawing(self, element: Any) -> None:
        """An SVG in the text: the image that it shows, or the drawing that it is."""
        words = everything(element)
        figure = self.shown.draw(element, self._href())
        self._took("hidden" if figure is None else "figure", words,
                   block=None if figure is None else figure.block)  # fmt: skip
        if not "".join(self.buffer).strip():
            self._flush()
