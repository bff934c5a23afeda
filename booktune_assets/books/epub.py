"""EPUB: the spine's documents into blocks, with their anchors as addresses.

Belongs here: what XHTML elements mean in a book. Does not: the package (``package.py``), markup as
such (``html.py``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from booktune_assets.books.blocks import Block, Limits, Page, Parsed, Place, printable
from booktune_assets.books.desk import Desk
from booktune_assets.books.headings import split_number
from booktune_assets.books.html import parse_page
from booktune_assets.books.lang import classify
from booktune_assets.books.ledger import Ledger, ink
from booktune_assets.books.package import Item, Package, open_package
from booktune_assets.books.pictures import Gallery
from booktune_assets.books.repair import mend_code
from booktune_assets.books.shown import Shown
from booktune_assets.books.toc import Depths, read_depths, settle_levels
from booktune_assets.errors import BookError, Code

__all__ = ["read_epub"]

_DROPPED = frozenset(
    {"script", "style", "head", "nav", "iframe", "object", "svg", "math", "template", "noscript"}
)
_BREAKS = frozenset({
    "p", "div", "section", "article", "aside", "main", "header", "footer", "figure", "figcaption",
    "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "table", "pre", "hr", "body", "details",
    "summary", "address", "center", "form", "fieldset", "caption", "tr", "td", "th",
})  # fmt: skip
_CALLOUT = re.compile(
    r"\b(?:admonition|callout|note|warning|tip|caution|important|sidebar|info|neutral|error)\b",
    re.I,
)
_GUTTER = re.compile(r"\b(?:lineno|linenos|line-number|line-numbers|ln|linenum|gutter)\b", re.I)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*[01](?:px|pt)?\s*(?:;|$)"
    r"|(?<![-\w])color\s*:\s*(?:white|#fff)",
    re.I,
)
_PART = re.compile(r"part\s+(?:\d+|[ivxl]+|one|two|three|four|five|six|seven|eight)\b", re.I)
_NOTE_MARK = re.compile(r"\b(?:noteref|backlink)\b")
_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"


def read_epub(path: Path, limits: Limits, tick: Callable[[int, int], None], desk: Desk) -> Parsed:
    """The book in an EPUB."""
    parsed = Parsed("epub")
    package = open_package(path, limits, parsed)
    ledger = Ledger(frozenset(limits.repairs_off))
    gallery = Gallery(parsed, desk, lambda _: None)
    with package.archive:
        for number, item in enumerate(package.spine[: limits.pages_max], start=1):
            ledger.documents[item.name] = number
            parsed.pages.append(_page(package, item, number, parsed, ledger, gallery))
            tick(number, len(package.spine))
        settle_levels(parsed.blocks, _toc(package, parsed))
    gallery.settle()
    failed = sum(page.status == "failed" for page in parsed.pages)
    if failed > len(parsed.pages) / 2:
        raise BookError(
            Code.DAMAGED_FILE, f"{failed} of {len(parsed.pages)} documents cannot be read"
        )
    ledger.settle(parsed.blocks, parsed.pages)
    _name_languages(parsed)
    mend_code(parsed.blocks, ledger)
    parsed.changes = ledger.as_rows(parsed.blocks)
    return parsed


def _toc(package: Package, parsed: Parsed) -> Depths:
    """The table of contents; a bad one is no reason to refuse the book."""
    try:
        return read_depths(package)
    except MemoryError:
        raise
    except Exception as problem:
        parsed.warn(f"the table of contents cannot be read ({type(problem).__name__})")
        return {}


def _page(
    package: Package, item: Item, number: int, parsed: Parsed, ledger: Ledger, gallery: Gallery
) -> Page:
    page = Page(number, label=item.name, source="text")
    if "nav" in item.properties.split():
        page.status = "empty"
        return page
    try:
        root, odd = parse_page(package.read(item.name))
    except (BookError, MemoryError):
        raise
    except Exception as problem:
        root, odd = None, [f"cannot be read ({type(problem).__name__})"]
    for words in odd:
        parsed.warn(f"{item.name} {words}")
    if root is None:
        page.status, page.code = "failed", Code.PAGE_UNREADABLE.value
        return page
    walker = _Walker(item.name, parsed, ledger, number, Shown(gallery, package, item.name))
    walker.run(root)
    parsed.blocks += walker.blocks
    page.chars = walker.seen
    page.status = "ok" if walker.blocks else "empty"
    return page


class _Walker:
    """One document to blocks. ``href`` follows the last anchor that was passed."""

    def __init__(
        self, name: str, parsed: Parsed, ledger: Ledger, number: int, shown: Shown
    ) -> None:
        self.name, self.parsed, self.shown = name, parsed, shown
        self.ledger, self.number = ledger, number
        self.blocks: list[Block] = []
        self.buffer: list[str] = []
        self.kinds = ["prose"]
        self.anchor = ""
        self.seen = 0

    def run(self, root: Any) -> None:
        """Read the document's body."""
        body = next((e for e in root.iter() if _tag(e) == "body"), root)
        whole = _everything(body)
        self.seen = ink(whole).total()
        self.ledger.drew(self.number, whole)
        self._children(body)
        self._flush()

    def _children(self, element: Any) -> None:
        if element.text:
            self.buffer.append(element.text)
        for child in element:
            self._visit(child)
            if child.tail:
                self.buffer.append(child.tail)

    def _visit(self, element: Any) -> None:
        tag = _tag(element)
        if not tag:
            return
        if tag == "svg":
            self._drawing(element)
            return
        if tag in _DROPPED or _is_mark(element):
            kind = "hidden" if tag in _DROPPED else "mark"
            self._took(kind, _everything(element))
            return
        if _HIDDEN.search(element.get("style") or "") or element.get("hidden") is not None:
            self.parsed.warn(f"{self.name} holds text that a reader would not see")
        anchor = element.get("id") or (element.get("name") if tag == "a" else "")
        block_level = tag in _BREAKS or (len(tag) == 2 and tag[0] == "h" and tag[1].isdigit())
        if block_level:
            self._flush()
        if anchor:
            self.anchor = anchor
        if tag == "pre":
            self._pre(element)
        elif len(tag) == 2 and tag[0] == "h" and tag[1] in "123456" and not self.shown.open:
            self._heading(element, int(tag[1]))
        elif tag == "table" and _is_grid(element):
            self._table(element)
        elif tag == "br":
            self.buffer.append(" ")
        elif tag == "img":
            self._image(element)
        elif block_level:
            self._nested(element, tag)
        else:
            self._children(element)

    def _nested(self, element: Any, tag: str) -> None:
        kind = _kind_of(element, tag)
        if self.shown.open and tag[0] == "h" and tag[1:].isdigit():
            kind = "caption"
        self.kinds.append(kind or self.kinds[-1])
        start = len(self.blocks)
        self.shown.open += tag == "figure"
        self._children(element)
        self._flush()
        if tag == "figure":
            self.shown.open -= 1
            self.shown.tie(self.blocks[start:])
        self.kinds.pop()

    def _flush(self) -> None:
        text = " ".join("".join(self.buffer).split())
        self.buffer.clear()
        if text:
            self._add(self.kinds[-1], text)
        self.blocks += self.shown.waiting
        self.shown.waiting.clear()

    def _add(self, kind: str, text: str, lang: str = "") -> Block:
        text = printable([text])
        block = Block(kind, text, lang=lang, places=[Place(0, len(text), href=self._href())])
        if text.strip():
            self.blocks.append(block)
        return block

    def _href(self) -> str:
        return f"{self.name}#{self.anchor}" if self.anchor else self.name

    def _heading(self, element: Any, level: int) -> None:
        text = " ".join(_text(element).split())
        own = element.get("id") or next((e.get("id") for e in element.iter() if e.get("id")), "")
        if own:
            self.anchor = own
        if self.kinds[-1] == "callout":
            self._add("callout", text)
            return
        self._took("hidden", *_unread(element))
        number, title = split_number(text)
        block = self._add("heading", title)
        if number:
            self._took("heading_number", text[: len(text) - len(title)], block=block)
        block.level, block.number, block.anchor = level, number, self.anchor or None
        if level == 1 and (_is_part(element) or _PART.match(text)):
            block.level = 0

    def _pre(self, element: Any) -> None:
        self._took("hidden", *_unread(element))
        text = _text(element, breaks="\n").replace("\r\n", "\n").replace("\r", "\n").expandtabs(8)
        text = text.removeprefix("\n")
        self._add("code", text.rstrip("\n"), _fence(element))

    def _table(self, element: Any) -> None:
        for caption in (e for e in element if _tag(e) == "caption"):
            self._add("caption", " ".join(_text(caption).split()))
        rows = [
            [" ".join(_text(cell).split()) for cell in row if _tag(cell) in ("td", "th")]
            for row in element.iter() if _tag(row) == "tr"
        ]  # fmt: skip
        self._took("hidden", *_unread(element))
        self.ledger.adds(self.number, "|" * sum(max(0, len(row) - 1) for row in rows))
        self._add("table", "\n".join(" | ".join(row) for row in rows))

    def _took(self, kind: str, *texts: str, block: Block | None = None) -> None:
        for text in texts:
            if text.strip():
                self.ledger.took(self.number, kind, text, block=block)

    def _image(self, element: Any) -> None:
        source = element.get("src") or ""
        if source.startswith(("http:", "https:", "//", "file:")):
            self.parsed.warn(
                f"{self.name} points at an image outside of the book; it was not fetched"
            )
        self.parsed.count("images")
        if (element.get("role") or "") != "presentation":
            self.shown.show(source, element.get("alt"), self._href())
            if not "".join(self.buffer).strip():
                self._flush()

    def _drawing(self, element: Any) -> None:
        """An SVG in the text: the image that it shows, or the drawing that it is."""
        words = _everything(element)
        figure = self.shown.draw(element, self._href())
        if figure is None:
            self._took("hidden", words)
        else:
            self._took("figure", words, block=figure.block)
        if not "".join(self.buffer).strip():
            self._flush()


def _is_grid(element: Any) -> bool:
    """A table of words; one that holds code, tables or loose text only arranges the page."""
    inner = [e for e in element.iter() if e is not element]
    if any(_tag(e) in ("pre", "table") for e in inner):
        return False
    holders = [element, *(e for e in inner if _tag(e) in ("tr", "thead", "tbody", "tfoot"))]
    return not any(
        (child.tail or "").strip() for holder in holders for child in holder
    ) and not any((holder.text or "").strip() for holder in holders)


def _kind_of(element: Any, tag: str) -> str | None:
    if tag in ("li", "dt", "dd"):
        return "list"
    if tag in ("figcaption", "caption"):
        return "caption"
    kind = f"{element.get(_EPUB_TYPE) or ''} {element.get('role') or ''}"
    if "footnote" in kind or "endnote" in kind:
        return "footnote"
    if tag in ("aside", "div", "section", "blockquote") and _CALLOUT.search(
        element.get("class") or ""
    ):
        return "callout"
    return None


def _is_part(element: Any) -> bool:
    """A heading that its own mark-up, or that of the section it opens, calls a part."""
    near = [element, element.getparent()]
    kinds = [
        f"{one.get(_EPUB_TYPE) or ''} {one.get('class') or ''}" for one in near if one is not None
    ]
    return any("part" in kind.lower().split() for kind in kinds)


def _text(element: Any, breaks: str = " ") -> str:
    """All text below an element but gutters and scripts."""
    out: list[str] = [element.text or ""]
    for child in element:
        tag = _tag(child)
        if tag == "br":
            out.append(breaks)
        elif tag and tag not in _DROPPED and not _is_mark(child):
            out.append(_text(child, breaks))
        out.append(child.tail or "")
    return "".join(out)


def _unread(element: Any) -> Iterator[str]:
    """The texts below an element that :func:`_text` leaves out."""
    for child in element:
        tag = _tag(child)
        if tag and (tag in _DROPPED or _is_mark(child)):
            yield _everything(child)
        elif tag:
            yield from _unread(child)


def _everything(element: Any) -> str:
    """All characters below an element, as tables can hold them."""
    return printable(part for part in element.itertext() if isinstance(part, str))


def _is_mark(element: Any) -> bool:
    """Line numbers, and the marks of footnotes where they are set and where they lead back."""
    kind = f"{element.get(_EPUB_TYPE) or ''} {element.get('role') or ''}"
    return bool(_GUTTER.search(element.get("class") or "") or _NOTE_MARK.search(kind))


def _fence(element: Any) -> str:
    """The language named by classes of ``pre``, ``code`` or the ``div`` around."""
    near = [element, *[e for e in element if _tag(e) == "code"], element.getparent()]
    words = [word for one in near if one is not None for word in _words(one)]
    for word in words:
        for prefix in ("language-", "lang-", "highlight-source-", "src-", "brush:"):
            if word.startswith(prefix):
                return word.removeprefix(prefix)
    known = {
        "elixir",
        "erlang",
        "iex",
        "bash",
        "sh",
        "shell",
        "json",
        "html",
        "sql",
        "yaml",
        "text",
        "output",
    }
    return next((word for word in words if word in known), "")


def _words(element: Any) -> list[str]:
    return f"{element.get('class') or ''} {element.get('data-lang') or ''}".lower().split()


def _name_languages(parsed: Parsed) -> None:
    code = [block for block in parsed.blocks if block.kind == "code"]
    votes = [classify(block.text, block.lang)[1] for block in code]
    elixir, erlang = votes.count("elixir") + votes.count("iex"), votes.count("erlang")
    main = "" if not elixir + erlang else "elixir" if elixir >= erlang else "erlang"
    for block in code:
        block.kind, block.lang = classify(block.text, block.lang, main)


def _tag(element: Any) -> str:
    tag = element.tag
    return tag.rsplit("}", 1)[-1].lower() if isinstance(tag, str) else ""
