"""Markdown by a CommonMark parser: an Elixir ``#`` comment is not a heading.

Belongs here: tokens to blocks, front matter, heading anchors. Does not: Livebook's own marks beyond
the hook that ``livebook.py`` passes in.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from booktune_assets.books.blocks import (
    Block,
    Figure,
    Limits,
    Page,
    Parsed,
    Place,
    printable,
)
from booktune_assets.books.desk import Desk
from booktune_assets.books.drawings import LABEL
from booktune_assets.books.headings import split_number
from booktune_assets.books.html import decode_text
from booktune_assets.books.lang import classify
from booktune_assets.books.ledger import Ledger
from booktune_assets.books.pictures import Gallery, beside
from booktune_assets.errors import BookError, Code

__all__ = ["blocks_of", "parse_text", "read_markdown"]

Note = Callable[[str], str | None]


def read_markdown(path: Path, limits: Limits, desk: Desk) -> Parsed:
    """The book in a Markdown file."""
    return parse_text(_load(path, limits), "md", path.name, shows=(path, desk))


def _load(path: Path, limits: Limits) -> bytes:
    if path.stat().st_size > limits.unpacked:
        raise BookError(Code.TOO_LARGE, "Raise reading.unpacked_mb if you trust the file")
    return path.read_bytes()


def parse_text(
    raw: bytes, fmt: str, name: str, note: Note | None = None,
    shows: tuple[Path, Desk] | None = None,
) -> Parsed:  # fmt: skip
    """Blocks of Markdown bytes. ``note`` reads HTML comments; what it gives is the next kind.

    ``shows`` are the file, beside which its pictures stand, and where to hand these out.
    """
    parsed = Parsed(fmt)
    text, encoding = decode_text(raw)
    if encoding == "cp1252":
        parsed.warn("the file is not UTF-8; it was read as Windows-1252")
    facts, body = _front_matter(printable([text]).replace("\r\n", "\n").replace("\r", "\n"))
    parsed.title = facts.get("title", "")
    parsed.licence = facts.get("license") or facts.get("licence")
    parsed.language = facts.get("lang") or facts.get("language")
    authors = facts.get("author") or facts.get("authors") or ""
    parsed.authors = [one.strip() for one in authors.strip("[]").split(",") if one.strip()]
    ledger = Ledger()
    gallery = Gallery(parsed, shows[1], beside(shows[0])) if shows else None
    parsed.blocks = blocks_of(body, note, ledger, gallery)
    if gallery is not None:
        gallery.settle()
    parsed.pages = [Page(1, chars=ledger.drawn(1), source="text")]
    ledger.settle(parsed.blocks, parsed.pages)
    parsed.changes = ledger.as_rows(parsed.blocks)
    return parsed


def blocks_of(
    body: str, note: Note | None = None, ledger: Ledger | None = None,
    gallery: Gallery | None = None,
) -> list[Block]:  # fmt: skip
    """Blocks of a Markdown text. The account is of what it says, without the marks of Markdown."""
    from markdown_it import MarkdownIt

    walker = _Walker(note, ledger or Ledger(), gallery)
    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    walker.ledger.drew(1, "\n".join(_said(tokens)))
    walker.walk(tokens)
    return walker.blocks


class _Walker:
    """Tokens to blocks, with the heading that stands above as their address."""

    def __init__(self, note: Note | None, ledger: Ledger, gallery: Gallery | None = None) -> None:
        self.ledger, self.gallery = ledger, gallery
        self.blocks: list[Block] = []
        self.note = note
        self.taken: dict[str, int] = {}
        self.href: str | None = None
        self.lists = 0
        self.quotes = 0
        self.next_kind: str | None = None

    def walk(self, tokens: Sequence[Any]) -> None:
        position = 0
        while position < len(tokens):
            token = tokens[position]
            kind = token.type
            if kind in ("bullet_list_open", "ordered_list_open"):
                self.lists += 1
            elif kind in ("bullet_list_close", "ordered_list_close"):
                self.lists -= 1
            elif kind in ("blockquote_open", "blockquote_close"):
                self.quotes += 1 if kind.endswith("open") else -1
            elif kind == "heading_open":
                self._heading(tokens[position + 1], int(token.tag[1]))
                position += 2
            elif kind == "table_open":
                position = self._table(tokens, position)
            elif kind == "inline":
                self._paragraph(token)
            elif kind in ("fence", "code_block"):
                self._code(token.content, token.info)
            elif kind == "html_block":
                self._html(token.content)
            position += 1

    def _paragraph(self, token: Any) -> None:
        """Text with the pictures that it shows; one of pictures alone is no text."""
        kind, images = "list" if self.lists else "prose", _images(token)
        shown = [(image, self._show(image)) for image in images]
        found = [(image, figure) for image, figure in shown if figure is not None]
        if found and len(found) == len(images) and _only_images(token):
            for image, figure in found:
                self.blocks.append(figure.block)
                alt = _plain(image)
                if LABEL.match(alt):  # what stands for the picture is its caption
                    figure.caption, figure.alt = self._add("caption", alt), None
                    continue
                self._took("figure", alt, figure.block)
                if title := str(image.attrGet("title") or "").strip():
                    self.ledger.adds(1, title)
                    figure.caption = self._add("caption", title)
            return
        self._add(kind, _plain(token))
        self.blocks += [figure.block for _, figure in found]

    def _show(self, image: Any) -> Figure | None:
        if self.gallery is None:
            return None
        source = str(image.attrGet("src") or "")
        return self.gallery.show(source, _plain(image), self.href)

    def _add(self, kind: str, text: str, lang: str = "") -> Block:
        block = Block(kind, text, lang=lang)
        block.places.append(Place(0, len(text), href=self.href))
        if text.strip():
            self.blocks.append(block)
        return block

    def _heading(self, token: Any, level: int) -> None:
        whole = _plain(token)
        text, anchor = _attributes(whole)
        self._took("hidden", whole.removeprefix(text))
        slug = anchor or _slug(text)
        number = self.taken.get(slug, 0)
        self.taken[slug] = number + 1
        slug = f"{slug}-{number}" if number else slug
        self.href = f"#{slug}"
        if self.quotes:  # a heading inside of a quotation titles a box, not a section
            self._add("callout", text)
            return
        printed, title = split_number(text)
        block = self._add("heading", title)
        self._took("heading_number", text.removesuffix(title), block)
        block.level, block.number, block.anchor = level, printed, slug

    def _code(self, content: str, info: str) -> None:
        text = content.removesuffix("\n")
        kind, lang = classify(text, info, "elixir")
        if self.next_kind:
            kind, lang = self.next_kind, "output"
            self.next_kind = None
        self._add(kind, text, lang)

    def _table(self, tokens: Sequence[Any], position: int) -> int:
        rows: list[list[str]] = []
        while tokens[position].type != "table_close":
            if tokens[position].type == "tr_open":
                rows.append([])
            elif tokens[position].type == "inline":
                rows[-1].append(_plain(tokens[position]))
            position += 1
        self.ledger.adds(1, "|" * sum(len(row) - 1 for row in rows))
        self._add("table", "\n".join(" | ".join(row) for row in rows))
        return position

    def _took(self, kind: str, text: str, block: Block | None = None) -> None:
        if text.strip():
            self.ledger.took(1, kind, text, block=block)

    def _html(self, content: str) -> None:
        if content.lstrip().startswith("<!--"):
            self._took("hidden", content)
            if self.note is not None:
                self.next_kind = self.note(content.strip()) or self.next_kind
            return
        from lxml import html

        try:
            root = html.fragment_fromstring(content, create_parent=True)
        except Exception:
            self._took("hidden", content)
            return
        for waste in list(root.iter("script", "style")):
            waste.drop_tree()
        for image in root.iter("img"):
            figure = self.gallery and self.gallery.show(
                image.get("src") or "", image.get("alt"), self.href
            )
            if figure:
                self.blocks.append(figure.block)
        text = printable([" ".join(str(root.text_content()).split())])
        self.ledger.adds(1, text)  # what the mark-up says is not its characters
        self._took("hidden", content)
        self._add("prose", text)


def _said(tokens: Sequence[Any]) -> Iterator[str]:
    """All that tokens say, whatever becomes of it."""
    for token in tokens:
        if token.type in ("fence", "code_block", "html_block", "text", "code_inline"):
            yield str(token.content)
        yield from _said(token.children or ())


def _images(token: Any) -> list[Any]:
    return [child for child in token.children or () if child.type == "image"]


def _only_images(token: Any) -> bool:
    """A paragraph that shows pictures and says nothing."""
    return all(
        child.type in ("image", "softbreak", "hardbreak", "link_open", "link_close")
        or (child.type == "text" and not child.content.strip())
        for child in token.children or ()
    )


def _plain(token: Any) -> str:
    """Text of an inline token without its marks."""
    out: list[str] = []
    for child in token.children or ():
        if child.type in ("text", "code_inline"):
            out.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            out.append(" ")
        elif child.type == "image":
            out.append(_plain(child))
        elif child.type == "html_inline" and child.content.lower().startswith("<br"):
            out.append(" ")
    return "".join(out).strip()


def _attributes(text: str) -> tuple[str, str]:
    """Heading text without a trailing ``{#anchor}`` or ``{: .class}``, and the anchor."""
    head, brace, tail = text.rpartition("{")
    if brace and tail.endswith("}") and tail[:1] in "#:.":
        anchor = next((word[1:] for word in tail[:-1].split() if word.startswith("#")), "")
        return head.strip(), anchor
    return text, ""


def _slug(text: str) -> str:
    """GitHub's anchor of a heading."""
    kept = [
        char for char in text.strip().lower()
        if char in " -_" or unicodedata.category(char)[:1] in "LN" or unicodedata.combining(char)
    ]  # fmt: skip
    return "".join(kept).replace(" ", "-") or "section"


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """Simple ``key: value`` lines between two ``---`` at the very top, and the rest."""
    lines = text.split("\n")
    if not lines or lines[0].strip() != "---":
        return {}, text
    facts: dict[str, str] = {}
    for number, line in enumerate(lines[1:200], start=1):
        if line.strip() in ("---", "..."):
            return facts, "\n".join([""] * (number + 1) + lines[number + 1 :])
        key, colon, value = line.partition(":")
        if colon and key == key.strip() and value.strip():
            facts[key.strip().lower()] = value.strip().strip("\"'")
    return {}, text
