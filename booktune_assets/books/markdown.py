"""Markdown by a CommonMark parser: an Elixir ``#`` comment is not a heading.

Belongs here: tokens to blocks, heading anchors. Does not: which syntax is known (``mdparser.py``),
HTML inside of Markdown (``walker.py``), Livebook's own marks beyond the hook that ``livebook.py``
passes in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from booktune_assets.books.blocks import Block, Limits, Link, Page, Parsed, printable
from booktune_assets.books.desk import Desk
from booktune_assets.books.elements import tag_of
from booktune_assets.books.html import decode_text
from booktune_assets.books.labels import label_word, split_number
from booktune_assets.books.lang import is_language, name_languages
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.links import address
from booktune_assets.books.mdalerts import alert_of, is_callout, titled_alert
from booktune_assets.books.mddialects import attributes_of, titled_box
from booktune_assets.books.mddirectives import (
    TABLE_CAPTION,
    caption_of,
    directive,
    holds_tabs,
    is_layout,
    names_of,
    options_of,
    texts_of,
)
from booktune_assets.books.mdfacts import fact, front_matter, names_in
from booktune_assets.books.mdparser import (
    callout_fence,
    parser,
    said_by,
)
from booktune_assets.books.mdsource import above_code, source_of
from booktune_assets.books.mdtext import (
    attributes,
    ids_of,
    linked_text,
    only_images,
    plain,
    slug_of,
)
from booktune_assets.books.mdwalked import MdWalked, Note
from booktune_assets.books.numerals import take_appendices
from booktune_assets.books.pictures import Gallery, beside
from booktune_assets.books.repair import mend_code
from booktune_assets.books.reserved import licence_fact, note_facts, note_page
from booktune_assets.books.retold import take_label
from booktune_assets.books.roles import is_label_word, linked
from booktune_assets.books.shown import Shown
from booktune_assets.books.textmarks import take_text_marks
from booktune_assets.books.textwraps import take_text_wraps
from booktune_assets.books.walker import Walker
from booktune_assets.errors import BookError, Code

__all__ = ["blocks_of", "parse_text", "read_markdown", "says"]

_DEPTH_MAX = 8  # callouts within callouts
_LISTS = ("bullet_list", "ordered_list", "dl")
_BOXES = ("box", "container_box", "admonition")
_MENU = 3  # links of a menu


def read_markdown(path: Path, limits: Limits, desk: Desk) -> Parsed:
    """The book in a Markdown file."""
    raw, off = _load(path, limits), limits.repairs_off
    return parse_text(raw, "md", path.name, shows=(path, desk), off=off)


def _load(path: Path, limits: Limits) -> bytes:
    if path.stat().st_size > limits.unpacked:
        raise BookError(Code.TOO_LARGE, "Raise reading.unpacked_mb if you trust the file")
    return path.read_bytes()


def parse_text(
    raw: bytes, fmt: str, name: str, note: Note | None = None,
    shows: tuple[Path, Desk] | None = None, off: Iterable[str] = (),
) -> Parsed:  # fmt: skip
    """Blocks of Markdown bytes. ``note`` reads HTML comments; what it gives is the next kind (and,
    behind a space, what to take off), or ``"mark"`` when the comment belongs to the code below.

    ``shows`` are the file, beside which its pictures stand, and where to hand these out. ``off``
    names repairs that must not be made.
    """
    parsed = Parsed(fmt)
    text, encoding = decode_text(raw)
    if encoding == "cp1252":
        parsed.warn("the file is not UTF-8; it was read as Windows-1252")
    facts, body = front_matter(printable([text]).replace("\r\n", "\n").replace("\r", "\n"))
    parsed.title = fact(facts, "title")
    parsed.licence = licence_fact({name: fact(facts, name) for name in facts})
    note_facts(facts, parsed)
    parsed.language = fact(facts, "lang", "language")[:35] or None
    parsed.authors = names_in(facts.get("author") or facts.get("authors"))
    ledger = Ledger(frozenset(off))
    gallery = Gallery(parsed, shows[1], beside(shows[0])) if shows else None
    parsed.blocks = blocks_of(body, note, ledger, parsed, gallery)
    take_appendices(parsed.blocks, ledger)
    parsed.pages = [Page(1, chars=ledger.drawn(1), source="text")]
    ledger.settle(parsed.blocks, parsed.pages)
    take_text_marks(parsed.blocks, ledger)
    take_text_wraps(parsed.blocks, ledger)
    mend_code(parsed.blocks, ledger, judged=True)
    ledger.check(parsed.blocks, parsed.pages)  # repairs must keep the account, too
    parsed.changes = ledger.as_rows(parsed.blocks)
    return parsed


def blocks_of(
    body: str, note: Note | None = None, ledger: Ledger | None = None,
    parsed: Parsed | None = None, gallery: Gallery | None = None,
) -> list[Block]:  # fmt: skip
    """Blocks of a Markdown text. The account is of what it says, without the marks of Markdown."""
    walker = _Walker(note, ledger or Ledger(), parsed or Parsed("md"), gallery)
    walker.read(body)
    walker.blocks = walker.notes.in_place(walker.blocks)
    if gallery is not None:
        gallery.parsed.blocks = walker.blocks
        gallery.settle()
        walker.blocks = gallery.parsed.blocks
    walker.trail.settle(walker.blocks)
    name_languages(walker.blocks, "elixir")
    return walker.blocks


def says(source: str, texts: Sequence[str]) -> bool:
    """Whether a piece of Markdown reads as just these texts."""
    return [block.text for block in blocks_of(source) if block.text.strip()] == list(texts)


class _Walker(MdWalked):
    """Tokens to blocks, with the heading that stands above as their address."""

    def read(self, body: str) -> None:
        """Read a text; callouts hold texts of their own."""
        whole = body if body.endswith("\n") else f"{body}\n"  # containers look past the end
        tokens = parser().parse(whole)
        self.ledger.drew(1, "\n".join(said_by(tokens)))
        self.walk(tokens)

    def walk(self, tokens: Sequence[Any]) -> None:
        position = 0
        while position < len(tokens):
            token = tokens[position]
            name, _, side = token.type.rpartition("_")
            if name in _LISTS:
                self.lists += 1 if side == "open" else -1
            elif name == "list_item":
                self.items.opened(token) if side == "open" else self.items.closed()
            elif name in ("blockquote", "footnote_reference", *_BOXES):
                self._box(name, side, tokens, position)
            elif token.type == "heading_open":
                self._heading(tokens[position + 1], int(token.tag[1]))
                position += 2
            elif token.type == "table_open":
                position = self._table(tokens, position)
            elif token.type == "inline":
                self._inline(token)
            elif token.type in ("fence", "code_block"):
                self._code(token.content, token.info)
            elif token.type == "html_block":
                self._html(token.content)
            elif token.type == "marks":
                self._marked(token.content)
            elif token.type == "tab_open":
                self.ledger.drew(1, token.info)
                self._tab(token.info)
            elif token.type == "caption":
                self.ledger.drew(1, token.content)
                self._add("caption", token.content)
            position += 1

    def _box(self, name: str, side: str, tokens: Sequence[Any], position: int) -> None:
        """Quotations, containers, admonitions and footnotes: what kind of text they hold."""
        self.lead = ""
        if side == "close":
            if name == "footnote_reference":
                self.notes.closes(self.blocks)
            if self.tabs[-1:] == [len(self.quotes)]:
                self.tabs.pop()
            self.quotes.pop()
            return
        kind = "callout"
        if name == "blockquote":
            kind = "callout" if is_callout(tokens, position) else self._kind()
        elif name == "footnote_reference":
            kind = "footnote"
            self.notes.opens(tokens[position], self.blocks)
        elif holds_tabs(tokens[position].info):
            kind = self._kind()
            self.tabs.append(len(self.quotes) + 1)
        elif name != "admonition" and is_layout(tokens[position].info):
            kind = self._kind()
        elif name != "admonition":
            title = titled_box(tokens[position].info)
            self.ledger.drew(1, title)
            self._add("callout", title)
        self.quotes.append(kind)

    def _tab(self, title: str) -> None:
        """One of several texts to choose from: its title is a label, unless it names a language."""
        if is_language(title):
            self._took("hidden", title)
        else:
            self._add("caption", title)

    def _marked(self, line: str) -> None:
        """A line of tags or attributes is no text; it may speak of the block below or above."""
        self.ledger.drew(1, line)
        self._took("hidden", line)
        said = attributes_of(line)
        last = self.blocks[-1] if self.blocks else None
        if (lang := said.get("above")) and last is not None and last.kind == "code":
            last.lang = last.lang or (lang if is_language(lang) else "")
        if name := said.get("id"):
            self.trail.passed(f"#{name}")
        self.said = said

    def _inline(self, token: Any) -> None:
        """A paragraph with its links; anchors written as HTML lead to it."""
        self.said = {}
        if self.quotes and (lines := titled_alert(token)):
            self._inline(lines[0])
            token = lines[1]
        for child in token.children or ():
            if child.type == "html_inline":
                self.trail.passed(*ids_of(child.content))
        text, spans = linked_text(token)
        cut = 0
        if self.quotes and (mark := alert_of(text)):
            self._took("mark", mark)
            text, cut = text[len(mark) :], len(mark)
        if self.quotes and self.quotes[-1] == "callout" and is_label_word(text):
            self._took("mark", text)
            self.lead = source_of(token) or ""
        elif pictures := only_images(token):
            for picture in pictures:
                self.parsed.count("images")
                self._picture(picture)
        else:
            told = None if self.next_kind == "output" else self.next_kind
            kind, _, label = (told or self._kind()).partition(" ")
            self.next_kind = None if told else self.next_kind
            if kind == "prose" and self.blocks and self.blocks[-1].kind == "table":
                kind, text = self._below_table(text)
            block = self._add(kind, text)
            take_label(block, label, self.ledger)
            self.notes.marks(token, block)
            block.level = self.lists or None if block.kind == "list" else None
            block.markup = self._source(block.kind, token)
            block.links = [
                Link(max(0, start - cut), end - cut, *address(href, ""))
                for start, end, href in spans if end > cut
            ]  # fmt: skip
            images = (one for one in token.children or () if one.type == "image")
            shown = [figure for one in images if (figure := self._show(one))]
            self.blocks += [figure.block for figure in shown]

    def _heading(self, token: Any, level: int) -> None:
        whole = plain(token)
        marks, self.marks = self.marks, []
        text, anchor = attributes(whole)
        said, self.said = self.said, {}
        anchor = anchor or said.get("id", "")
        self._took("hidden", whole.removeprefix(text))
        if self.tabs[-1:] == [len(self.quotes)] and level > 1:
            self._tab(text)
            return
        source = attributes(source_of(token) or "")[0] or None
        if self.quotes:  # a heading inside of a quotation titles a box, not a section
            titled = f"{'#' * level} {token.content}"
            if is_label_word(text):
                self._took("mark", text)
                self.lead = titled
            else:
                self._add("callout", text).markup = titled if source else None
            return
        slug = anchor or slug_of(text)
        number = self.taken.get(slug, 0)
        self.taken[slug] = number + 1
        slug = f"{slug}-{number}" if number else slug
        self.href = f"#{slug}"
        self.trail.passed(self.href)
        printed, title = split_number(text)
        block = self._add("heading", title)
        self._took("heading_number", text.removesuffix(title), block)
        level = 0 if said.get("class") == "part" and level == 1 else level
        block.level, block.number, block.anchor = level, printed, slug
        block.label = label_word(text)
        self.notes.marks(token, block)
        written = " ".join(source.split()) if source and "\n\n" not in source else ""
        block.markup = "\n".join([*marks, written]) or None

    def _below_table(self, text: str) -> tuple[str, str]:
        """Kind and words of the paragraph below a table: Pandoc's captions stand there."""
        found = TABLE_CAPTION.match(text)
        if found is None:
            return "prose", text
        words, anchor = attributes(text[found.end() :])
        self._took("mark", found.group())
        self._took("hidden", text[found.end() :].removeprefix(words))
        self.trail.passed(*([f"#{anchor}"] if anchor else ()))
        return "caption", words

    def _texts(self, texts: Sequence[tuple[str, str]]) -> None:
        """What a directive holds: texts, and what the first paragraph of each is."""
        for kind, text in texts:
            self.next_kind = kind or None
            self.read(text)
        self.next_kind = None

    def _code(self, content: str, info: str) -> None:
        self.trail.passed(*names_of(info, content))
        title = callout_fence(info)
        if title is not None:
            if len(self.quotes) < _DEPTH_MAX:
                self.ledger.drew(1, title)
                self.quotes.append("callout")
                self._add("callout", title)
                self.read(options_of(content)[1])
                self.quotes.pop()
                return
            self.ledger.drew(1, content)
        if (texts := texts_of(info, content)) is not None:
            self._texts(texts)
            return
        said, self.said = self.said, {}
        title = said.get("title", "") or caption_of(info, content)
        if made := directive(info, content):
            info, content = self._directed(made, content)
        self._captioned(title)
        info = info or said.get("lang", "")
        text = content.removesuffix("\n")
        kind = "output" if self.next_kind == "output" else "code"
        self.next_kind = None
        source = above_code(self.marks, info) if kind == "code" else None
        self._add(kind, text, "output" if kind == "output" else info).markup = source

    def _directed(self, made: tuple[str, str, str], whole: str) -> tuple[str, str]:
        """Language and code of a directive; its options are no lines of the code."""
        lang, code, options = made
        if not code:
            self._took("hidden", options)
        elif not self.ledger.wants("hidden_lines"):
            return lang, whole
        else:
            self._took("hidden_lines", options)
        return lang, code

    def _html(self, content: str) -> None:
        if content.lstrip().startswith("<!--"):
            if "tabs-open" in content:  # of ExDoc: titles up to the end are those of tabs
                self.tabs.append(len(self.quotes))
            elif "tabs-close" in content and self.tabs[-1:] == [len(self.quotes)]:
                self.tabs.pop()
            self.ledger.drew(1, content)
            self._took("hidden", content)
            if self.note is not None:
                said = self.note(content.strip())
                if said == "mark":
                    self.marks += [content.strip()] if "\n" not in content.strip() else []
                else:
                    self.next_kind = said or self.next_kind
            return
        from lxml import html

        try:
            root = html.fragment_fromstring(content, create_parent=True)
        except Exception:
            self.ledger.drew(1, content)
            self._took("hidden", content)
            return
        if "<meta" in content.casefold():  # a fragment has no head
            note_page(html.document_fromstring(content), self.parsed)
        links = sum(1 for one in root.iter() if tag_of(one) == "a" and one.get("href"))
        walker = Walker(
            "", self.parsed, self.ledger, 1, ranked=False, trail=self.trail,
            shown=Shown(self.gallery),
        )  # fmt: skip
        walker.anchor = (self.href or "").removeprefix("#")
        walker.kinds = [self._kind()]
        before = len(self.ledger.changes)
        walker.run(root)
        if links >= _MENU and linked(root) > 0.7:
            del self.ledger.changes[before:]
            self._took("furniture", printable(str(part) for part in root.itertext()))
            return
        self.blocks += walker.blocks
        self.href = f"#{walker.anchor}" if walker.anchor else self.href
