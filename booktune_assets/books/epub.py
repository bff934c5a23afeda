"""EPUB: the spine's documents into blocks, with their anchors as addresses.

Belongs here: which documents are text of the book, what the table of contents and the style sheets
add to them. Does not: the package (``package.py``), the walk over a document (``walker.py``).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from booktune_assets.books.blocks import Block, Limits, Page, Parsed
from booktune_assets.books.desk import Desk
from booktune_assets.books.elements import everything, tag_of
from booktune_assets.books.gathered import Notes
from booktune_assets.books.headings import folded
from booktune_assets.books.html import decode_markup, parse_page
from booktune_assets.books.lang import name_languages
from booktune_assets.books.leaves import Leaves
from booktune_assets.books.ledger import Ledger, ink
from booktune_assets.books.links import Trail
from booktune_assets.books.numerals import take_appendices
from booktune_assets.books.package import Item, Package, open_package
from booktune_assets.books.pictures import Gallery
from booktune_assets.books.repair import mend_code
from booktune_assets.books.reserved import note_page
from booktune_assets.books.roles import front_kind, linked
from booktune_assets.books.shown import Shown
from booktune_assets.books.styles import Styles, imported, on_screens, read_styles
from booktune_assets.books.textmarks import take_text_marks
from booktune_assets.books.textnumbers import take_text_numbers
from booktune_assets.books.textwraps import take_text_wraps
from booktune_assets.books.toc import (
    Point,
    join_labels,
    promote,
    read_leaves,
    read_points,
    settle_levels,
)
from booktune_assets.books.walker import Walker
from booktune_assets.errors import BookError, Code

__all__ = ["read_epub"]

_Said = TypeVar("_Said")
_RESERVED = "the package reserves the right to mine this document"
_TITLE_CHARS = 400  # of a title page that does not call itself one
_TITLE_PAGES = 5  # documents among which it is looked for
_LINKS = 5
_SHEETS_MAX = 200  # style sheets that are read
_LINKED = 0.7
_INDEX = re.compile(r"(?:(?:subject|general) )?index(?: of (?:terms|names|functions))?", re.I)
_RUNS = 3  # listings set as paragraphs of inline code, before one such line counts as one


@dataclass(slots=True)
class _Book:
    """An EPUB on its way: what all documents share."""

    package: Package
    parsed: Parsed
    ledger: Ledger
    styles: Styles
    points: list[Point]
    trail: Trail
    gallery: Gallery
    leaves: Leaves
    notes: Notes = field(default_factory=Notes)
    looks: dict[int, str] = field(default_factory=dict[int, str])
    lone: list[tuple[Block, str]] = field(default_factory=list[tuple[Block, str]])
    runs: int = 0
    listings: int = 0
    sheets: dict[str, None] = field(default_factory=dict[str, None])  # style sheets that were read


def read_epub(path: Path, limits: Limits, tick: Callable[[int, int], None], desk: Desk) -> Parsed:
    """The book in an EPUB."""
    parsed = Parsed("epub")
    package = open_package(path, limits, parsed)
    ledger = Ledger(frozenset(limits.repairs_off))
    with package.archive:
        sheets = _sheets(package)
        book = _Book(
            package, parsed, ledger, read_styles(_sheet(package, name) for name in sheets),
            _told(read_points, package, parsed) or [],
            Trail({item.name for item in package.spine}), Gallery(parsed, desk, lambda _: None),
            Leaves(_told(read_leaves, package, parsed) or {}),
            sheets=sheets,
        )  # fmt: skip
        for number, item in enumerate(package.spine[: limits.pages_max], start=1):
            ledger.documents[item.name] = number
            parsed.pages.append(_page(book, item, number))
            tick(number, len(package.spine))
    _settle_lone(book)
    read = list(parsed.blocks)
    promote(parsed.blocks, book.points, book.looks, ledger, book.trail.targets)
    join_labels(parsed.blocks, book.points, ledger)
    settle_levels(parsed.blocks, book.points, parsed.title)
    take_appendices(parsed.blocks, ledger)
    book.notes.settle(parsed.blocks, book.trail, ledger)
    book.gallery.settle()
    book.trail.settle(parsed.blocks)
    failed = sum(page.status == "failed" for page in parsed.pages)
    if failed > len(parsed.pages) / 2:
        raise BookError(
            Code.DAMAGED_FILE, f"{failed} of {len(parsed.pages)} documents cannot be read"
        )
    ledger.settle(parsed.blocks, parsed.pages)
    take_text_numbers(parsed.blocks, ledger)
    take_text_marks(parsed.blocks, ledger)
    take_text_wraps(parsed.blocks, ledger)
    name_languages(parsed.blocks)
    mend_code(parsed.blocks, ledger)
    book.leaves.settle(read, parsed.blocks)
    ledger.check(parsed.blocks, parsed.pages)  # repairs must keep the account, too
    parsed.changes = ledger.as_rows(parsed.blocks)
    return parsed


def _settle_lone(book: _Book) -> None:
    """Where listings are set as paragraphs of inline code, one such line is a listing too."""
    if book.runs < _RUNS or book.runs <= book.listings:
        return
    for block, text in book.lone:
        if block.kind == "prose" and text.strip():
            block.kind, block.text, block.places[0].end = "code", text, len(text)


def _told(read: Callable[[Package], _Said], package: Package, parsed: Parsed) -> _Said | None:
    """What the table of contents says; a bad one is no reason to refuse the book."""
    try:
        return read(package)
    except (MemoryError, BookError):
        raise
    except Exception as problem:
        parsed.warn(f"the table of contents cannot be read ({type(problem).__name__})")
        return None


def _sheets(package: Package) -> dict[str, None]:
    """Style sheets of the manifest that are there, in its order."""
    css = (item.name for item in package.items if item.media == "text/css")
    return dict.fromkeys(name for name in css if name in package.names)


def _sheet(package: Package, name: str) -> str:
    return decode_markup(package.read(name))


def _page(book: _Book, item: Item, number: int) -> Page:
    page = Page(number, label=item.name, source="text")
    if "nav" in item.properties.split():
        page.status = "empty"
        return page
    try:
        root, odd = parse_page(book.package.read(item.name))
    except MemoryError:
        raise
    except Exception as problem:
        if isinstance(problem, BookError) and problem.code is not Code.DAMAGED_FILE:
            raise
        name = problem.code if isinstance(problem, BookError) else type(problem).__name__
        root, odd = None, [f"cannot be read ({name})"]
    for words in odd:
        book.parsed.warn(f"{item.name} {words}")
    if root is None:
        page.status, page.code = "failed", Code.PAGE_UNREADABLE.value
        return page
    for head in (one for one in root if tag_of(one) == "head"):
        note_page(head, book.parsed)
    return _walked(book, item, page, root)


def _walked(book: _Book, item: Item, page: Page, root: Any) -> Page:
    """The text of a document that could be parsed."""
    number = page.page
    body = next((one for one in root.iter() if tag_of(one) == "body"), root)
    if item.reserved:
        book.parsed.warn(f"{item.name} is left out: the right to mine it is reserved")
    if kind := "hidden" if item.reserved else _no_text(book, item, number, body):
        whole = everything(body)
        book.ledger.drew(number, whole)
        book.ledger.took(number, kind, whole, why=_RESERVED if item.reserved else "")
        page.chars, page.status = ink(whole).total(), "empty"
        return page
    _take_linked(book, item, root)
    own = [
        "".join(one.itertext()) for one in root.iter()
        if tag_of(one) == "style" and on_screens(one.get("media"))
    ]  # fmt: skip
    styles = read_styles(own, book.styles) if own else book.styles
    walker = Walker(
        item.name, book.parsed, book.ledger, number, styles, notes=book.notes,
        trail=book.trail, shown=Shown(book.gallery, book.package, item.name), leaves=book.leaves,
    )  # fmt: skip
    try:
        walker.run(body)
    except MemoryError:
        raise
    except Exception as problem:
        book.parsed.warn(f"{item.name} cannot be read ({type(problem).__name__})")
        book.ledger.forget(number)
        page.status, page.code = "failed", Code.PAGE_UNREADABLE.value
        return page
    _keep(book, walker)
    page.chars = walker.seen
    page.status = "ok" if walker.blocks else "empty"
    return page


def _take_linked(book: _Book, item: Item, root: Any) -> None:
    """Read the style sheets that a document links and the manifest forgot, if the archive has them.

    Like those of the manifest they count for the whole book, each once.
    """
    links = [
        one for head in root if tag_of(head) == "head" for one in head if tag_of(one) == "link"
    ]
    for link in links:
        words = set((link.get("rel") or "").lower().split())
        if "stylesheet" in words and "alternate" not in words and on_screens(link.get("media")):
            _take_sheet(book, item.name, link.get("href") or "")


def _take_sheet(book: _Book, source: str, href: str) -> None:
    """A style sheet that a file of the archive names, and those that it takes in."""
    waiting = [(source, href)]
    while waiting and len(book.sheets) < _SHEETS_MAX:
        source, href = waiting.pop()
        inner = unquote(href.partition("#")[0].partition("?")[0])
        name = posixpath.normpath(posixpath.join(posixpath.dirname(source), inner))
        if name in book.package.names and name not in book.sheets:
            book.sheets[name] = None
            sheet = _sheet(book.package, name)
            book.styles = read_styles([sheet], book.styles)
            waiting += [(name, one) for one in imported(sheet)]


def _keep(book: _Book, walker: Walker) -> None:
    book.parsed.blocks += walker.blocks
    book.looks |= walker.looks
    book.lone += walker.lone
    book.runs += walker.runs
    book.listings += walker.listings


def _no_text(book: _Book, item: Item, number: int, body: Any) -> str | None:
    """Why a document is no text of the book: a cover, a title page, a list of contents."""
    if kind := front_kind(body) or book.package.front.get(item.name):
        return kind
    links = sum(1 for one in body.iter() if tag_of(one) == "a" and _inward(book, item, one))
    heads = [one for one in body.iter() if tag_of(one)[:1] == "h" and tag_of(one)[1:].isdigit()]
    index = (
        heads
        and number > len(book.package.spine) / 2
        and _INDEX.fullmatch("".join(heads[0].itertext()).strip(" \n#\u00b6"))
    )
    if links >= _LINKS and linked(body) > _LINKED and not index:
        return "contents"
    text = " ".join(everything(body).split())
    tags = {tag_of(one) for one in body.iter()}
    if number > _TITLE_PAGES or len(text) > _TITLE_CHARS or tags & {"pre", "code", "table"}:
        return None
    titles = {folded("".join(one.itertext())) for one in heads}
    full = folded(book.parsed.title)
    short = folded(book.parsed.title.partition(":")[0])
    return (
        "title_page" if titles and titles <= {full, short, folded(text)} & {full, short} else None
    )


def _inward(book: _Book, item: Item, link: Any) -> bool:
    """Whether a link leads to another document of the book."""
    href = (link.get("href") or "").partition("#")[0]
    name = posixpath.normpath(posixpath.join(posixpath.dirname(item.name), href))
    return bool(href) and name in book.package.names
