"""One (X)HTML document into blocks, in reading order, with anchors as addresses.

Belongs here: the walk over a document, for EPUB and for what other formats turn into HTML. Does
not: what elements are (``roles codetags printmarks``), packages (``package.py``).
"""

from __future__ import annotations

import posixpath
import re
from typing import Any

from booktune_assets.books.blocks import printable
from booktune_assets.books.codebars import bar_of
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
    types_of,
)
from booktune_assets.books.gathered import marks_within
from booktune_assets.books.htmlcode import code_of
from booktune_assets.books.labels import label_word, split_number
from booktune_assets.books.lang import is_language
from booktune_assets.books.ledger import ink
from booktune_assets.books.links import moved_links
from booktune_assets.books.listed import index_level, is_laid_out, is_tab_label
from booktune_assets.books.printmarks import (
    is_code_mark,
    is_gutter,
    is_inline_note,
    is_mark,
    text_of,
    title_of,
    unread,
)
from booktune_assets.books.ranks import is_part, matter_of, said_level
from booktune_assets.books.roles import (
    is_contents,
    is_for_readers,
    is_label_word,
    kind_of,
    title_level,
    titles_something,
)
from booktune_assets.books.tables import is_grid
from booktune_assets.books.terms import taken
from booktune_assets.books.walked import Walked, is_box, names_at

__all__ = ["Walker"]

_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*[01](?:px|pt)?\s*(?:;|$)"
    r"|(?<![-\w])color\s*:\s*(?:white|#fff)",
    re.I,
)
_PART = re.compile(r"part\s+(?:\d+|[ivxl]+|one|two|three|four|five|six|seven|eight)\b", re.I)
_NOTE_NUMBER = re.compile(
    r"[\[(]?[\u2190\u2191\u21a9^]?(?:\d{1,3}|[a-z]|[*\u2020\u2021\u00a7]{1,3})[\])]?[.:]?"
)
_TYPED_NUMBER = re.compile(r"[\[(]?(?P<number>\d{1,3})(?:[\])][.:]?|[.:]|(?=\s[A-Z]))\s+(?=\S)")
_BULLET = re.compile(
    r"[\u2022\u25aa\u25e6\u2023\u25cf\u25cb\u25a0\u25a1\u25ba\u25b8\u00b7\u2219\u2043\uf0b7\uf0a7]\s+(?=\S)"
)
_NOTES = ("footnotes", "notes", "endnotes")  # stands above them
_CODED = frozenset({"code", "tt", "samp", "kbd", "var"})
_TITLE_MAX = 160


class Walker(Walked):
    """One document to blocks: ``run`` reads its body."""

    def run(self, body: Any) -> None:
        """Read the document's body."""
        whole = everything(body)
        self.seen = ink(whole).total()
        self.ledger.drew(self.number, whole)
        self.trail.passed(self.name)
        if self.leaves is not None:
            self.leaves.opens(self.name)
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
        if not tag:
            return
        if tag not in BREAKS:
            self._leaf(element)
        if self._left_out(element, tag):
            return
        if _HIDDEN.search(element.get("style") or "") or element.get("hidden") is not None or (
            self.styles.hidden.fit(element)
        ):  # fmt: skip
            self.parsed.warn(f"{self.name or 'it'} holds text that a reader would not see")
        anchor = element.get("id") or (element.get("name") if tag == "a" else "")
        block_level, listing = tag in BREAKS, is_listing(element, self.styles)
        if block_level or listing:
            self._flush()
        if tag in BREAKS:
            self._leaf(element)
        self._passed(element, tag, anchor)
        if (not listing and self._is_bar(element)) or self._is_line(element):
            return
        if is_tab_label(element, tag):
            self._tab(element)
            return
        if listing:
            self._listing(element)
        elif len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
            self._heading(element, max(0, int(tag[1]) - self.top + 1))
        elif tag == "table" and is_code_table(element):
            self._listing(element)
        elif tag == "table" and is_grid(element) and not (
            self._of_notes(element) or is_laid_out(element)
        ):  # fmt: skip
            self._table(element)
        elif block_level:
            self._nested(element, tag)
        else:
            self._within(element, tag)

    def _tab(self, element: Any) -> None:
        """The title of a text to choose: a label, unless it names a language."""
        self._flush()
        words = " ".join(text_of(element).split())
        if is_language(words):
            self._took("mark", words)
        elif words:
            self._add("caption", words)

    def _within(self, element: Any, tag: str) -> None:
        """A part of a paragraph."""
        if tag == "br":
            self.buffer.append(" ")
            self._children(element)  # XML lets it hold text
        elif tag == "img":
            self._image(element)
            self._children(element)
        elif is_inline_note(element, tag):
            self.asides.append(element)
        elif tag == "a" and element.get("href"):
            link = self.trail.open(element.get("href"), len(self.buffer))
            if any(tag_of(one) in _CODED for one in element.iterancestors()):
                self.notes.coded(self._address(element.get("href")))
            self._inline(element)
            link.end = len(self.buffer)
            typed = types_of(element) & {"noteref", "doc-noteref"}  # words of the text, or a mark
            if typed and self.kinds[-1] != "footnote":
                self.notes.marked([self._address(element.get("href"))])
        else:
            before = "".join(self.buffer) if tag == "sup" else ""
            self._inline(element)
            if tag == "sup":
                self.notes.raised.met(everything(element), before)

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
        if whole and self.leaves is not None:
            self.leaves.within(element, self.name)
        if whole:
            inner = (one.get("id") for one in element.iterdescendants())
            self.trail.passed(*(f"{self.name}#{one}" for one in inner if one))

    def _left_out(self, element: Any, tag: str) -> bool:
        """Scripts, marks of the typesetter and lists of contents are no text of the book."""
        kind = ""
        if tag in DROPPED or is_for_readers(element):
            kind = "hidden"
        elif is_mark(element):
            kind = "line_numbers" if is_gutter(element) else "mark"
        elif is_code_mark(element):
            kind = "callout_marks"
        elif tag in ("div", "ul", "ol", "dl", "section") and is_contents(element):
            kind = "contents"
        elif tag in ("td", "th") and is_number_column(element):
            kind = "line_numbers"
        elif self.kinds[-1] == "footnote" and tag in ("a", "sup", "span"):
            first = not "".join(self.buffer).strip()
            kind = "mark" if first and _NOTE_NUMBER.fullmatch(everything(element).strip()) else ""
            if kind:
                self.notes.raised.begins(everything(element))
        if kind and self.ledger.wants(kind):
            if kind == "contents":
                self._flush()
            self._took(kind, everything(element))
            if kind == "mark":
                self._noted(element)
            return True
        return False

    def _is_line(self, element: Any) -> bool:
        """Keep a paragraph that is a line of a listing until the listing ends."""
        sure = is_code_paragraph(element, self.styles)
        if not sure and not is_all_code(element, self.styles):
            return False
        if self.lines and (begins(element) or sure != self.sure):
            self._end_code()
        self.trail.indexed(*taken(element, inner=True))
        self.line_marks += map(self._address, marks_within(element))
        code = code_of(element, self.styles, self.ledger.off)
        inset = self.styles.inset_of(element)
        code.insets = [inset + inner for inner in code.insets]
        self.lines.append((code, self._href()))
        self.held.append(self.trail.hold())
        self.sure = sure
        if len(self.lines) == 1:
            self.fence = fence_of(element)
            self.within, self.deep = self.kinds[-1], self.depth
        if ends(element):
            self._end_code()
        return True

    def _is_code(self, element: Any) -> bool:
        return is_listing(element, self.styles) or is_code_paragraph(element, self.styles) or (
            tag_of(element) == "table" and is_code_table(element)
        )  # fmt: skip

    def _is_bar(self, element: Any) -> bool:
        """Labels are no text of the book; they may name the language of the code they touch."""
        if any(text.strip() for text in self.buffer) or (
            (bar := bar_of(element, self._is_code)) is None
        ):  # fmt: skip
            return False
        self._flush()
        for text in map(printable, zip(element.itertext(), strict=True)):
            if text.strip() in bar.files:
                self._add("caption", text.strip())
            elif text.strip():
                self.ledger.took(self.number, "mark", text, why="a label or a button of a listing")
        last = self.blocks[-1] if self.blocks else None
        if bar.above:
            self.hint = bar.lang
        elif last is not None and last.kind == "code" and bar.lang:
            last.lang = last.lang or bar.lang
        return True

    def _nested(self, element: Any, tag: str) -> None:
        kind = kind_of(element, tag, self.kinds[-1])
        if kind is None and tag == "blockquote" and is_box(element):
            kind = "callout"
        near = names_at(element) if self.notes.known or kind == "footnote" else ()
        names = [f"{self.name}#{name}" for name in near]
        if self.notes.known.intersection(names):
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
        # what explains a term stands below it
        deeper = int(tag in ("ul", "ol", "dl", "dd")) or index_level(element, tag)
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
        if kind == "footnote":
            self.notes.says(names, self.blocks[start:])

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
        """A paragraph, and the notes that stand in it behind it."""
        asides, self.asides = self.asides, []
        self._words()
        self.kinds.append("footnote")
        for aside in asides:
            self._children(aside)
            self._paragraph()
        self.kinds.pop()

    def _words(self) -> None:
        text = " ".join("".join(self.buffer).split())
        links = self.trail.links(self.buffer, self.name)
        source = self.marks.source(self.buffer)
        self.buffer.clear()
        if not text:
            return
        self._end_code()
        kind = self.kinds[-1]
        if (kind == "callout" and is_label_word(text)) or (
            kind == "footnote"
            and (text.strip(" :").lower() in _NOTES or _NOTE_NUMBER.fullmatch(text))
        ):
            self._took("mark", text)
            return
        if kind == "footnote":
            typed = _TYPED_NUMBER.match(text)
            if typed is not None:
                self.notes.raised.begins(typed["number"])
            own = typed is not None and self.anchor.endswith(typed["number"])
            bare = (text[typed.end() :] if typed and own else text).lstrip(" .:)]")
            self._took("mark", text[: len(text) - len(bare)])
            links = moved_links(links, text, bare)
            text = bare
        if kind in ("prose", "list") and (bullet := _BULLET.match(text)):
            self._took("mark", bullet.group())
            links = moved_links(links, text, text[bullet.end() :])
            kind, text, source = "list", text[bullet.end() :], None
        soft = self._soft(text)
        block = self._add(kind, soft)
        block.links = moved_links(links, text, soft)
        block.markup = source if kind in ("prose", "callout") else None
        if kind == "list":
            block.level, block.markup = max(1, self.depth), source and f"* {source}"

    def _heading(self, element: Any, level: int) -> None:
        text = self._soft(" ".join(title_of(element).split())) or self._drawn(element)
        own = element.get("id") or next((e.get("id") for e in element.iter() if e.get("id")), "")
        if own:
            self.anchor = own
        self._took("hidden", *unread(element))
        self._noted_within(element)
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

    def _title(self, element: Any, level: int, text: str) -> None:
        number, title = split_number(text)
        block = self._add("heading", title)
        if number:
            self._took("heading_number", text[: len(text) - len(title)], block=block)
        level = self.ranks.level(element, level) if self.ranked else level
        block.level, block.number, block.anchor = level, number, self.anchor or None
        block.label = label_word(text) or (
            matter_of(element) if level == 1 and not number else None
        )
        if level == 1 and (is_part(element) or _PART.match(text)):
            block.level = 0

    def _listing(self, element: Any) -> None:
        counted = self.ledger.wants("line_numbers") and is_number_column(element)
        if tag_of(element) == "pre" and counted:
            self._took("line_numbers", everything(element))
            return
        code = code_of(element, self.styles, self.ledger.off)
        self._end_code()
        self.listings += 1
        self._noted_within(element)
        self._code(code, fence_of(element))

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
