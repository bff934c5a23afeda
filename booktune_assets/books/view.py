"""A book as it was read, for a person: each page beside its blocks, in HTML.

Belongs here: the page of HTML. Does not: its colours (``view_style.py``), pictures (``crops.py``),
the lake (the verb ``show`` hands the frames over).

The view needs no network and no script: pictures are files beside it, loaded as they come into
sight; boxes are drawn over them in per cent of the page. A repair stands under the block that it
was made in, what was taken off at the end of its page.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import polars as pl

from booktune_assets.books.blocks import CODE_KINDS
from booktune_assets.books.view_figures import figure_list, figure_rows, shown_figure
from booktune_assets.books.view_style import COLORS, style_of

__all__ = ["pages_of", "view_html"]

Plain = dict[str, Any]
_CHANGES_SHOWN = 40  # of a page without a block: furniture of a long contents page


@dataclass(slots=True)
class _Book:
    """The frames of a book as they are needed page by page."""

    row: Plain
    pages: list[Plain]
    blocks: dict[str, Plain]
    spans: dict[int, list[Plain]] = field(default_factory=lambda: defaultdict(list[Plain]))
    changes: dict[int, list[Plain]] = field(default_factory=lambda: defaultdict(list[Plain]))
    home: dict[str, int] = field(default_factory=dict[str, int])  # first page of a block
    shown: list[int] = field(default_factory=list[int])
    whole: str | None = None
    figures: dict[str, Plain] = field(default_factory=dict[str, Plain])  # by block

    def address(self, page: int, anchor: str) -> str | None:
        """Where a page is shown: here, in the view of all pages, or nowhere."""
        if page in self.shown:
            return f"#{anchor}"
        return f"{escape(self.whole)}#{anchor}" if self.whole else None


def pages_of(pages: pl.DataFrame) -> list[int]:
    """The pages that can be drawn; empty for formats without pages."""
    return pages.drop_nulls("width")["page"].sort().to_list()


def view_html(
    frames: Mapping[str, pl.DataFrame], pictures: Mapping[int, str], wanted: Sequence[int] = (),
    figures: Mapping[str, str] | None = None, *, whole: str | None = None,
) -> str:  # fmt: skip
    """HTML of a book from the frames of ``raw_books``.

    ``pictures`` are addresses of page images by page, ``figures`` of the pictures of figures by
    their id; ``wanted`` are the pages to show (all), and ``whole`` the address of the view of all
    pages, where there is one.
    """
    book = _gather(frames, wanted)
    book.whole = whole
    there = figure_rows(frames, figures or {})
    book.figures = {row["block_id"]: row for row in there}
    seen = [row for row in there if book.home.get(row["block_id"], 1) in book.shown]
    numbers = {row["label"]: row["page"] for row in book.pages}
    kinds = [kind for kind in COLORS if any(b["kind"] == kind for b in book.blocks.values())]
    title = escape(book.row["title"])
    pages = [page for page in book.pages if page["page"] in book.shown]
    flow = "" if any(page["width"] for page in book.pages) else " flow"
    body = "\n".join(_page(page, book, pictures.get(page["page"])) for page in pages)
    return (
        "<!doctype html>\n<html lang=en><head><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{style_of(kinds)}</style></head>\n"
        f"<body><div class='book{flow}'>{_side(book, kinds)}\n<main>{_head(book)}\n"
        f"{figure_list(seen, numbers)}\n{body}</main>"
        "</div></body></html>\n"
    )


def _gather(frames: Mapping[str, pl.DataFrame], wanted: Sequence[int]) -> _Book:
    blocks = frames["raw_books__blocks"].sort("ordinal")
    book = _Book(
        frames["raw_books"].row(0, named=True),
        list(frames["raw_books__pages"].sort("page").iter_rows(named=True)),
        {row["block_id"]: row for row in blocks.iter_rows(named=True)},
    )
    number = {row["label"]: row["page"] for row in book.pages}
    order = blocks.select("block_id", "ordinal")
    spans = frames["raw_books__spans"].join(order, on="block_id").sort("ordinal", "part")
    for span in spans.iter_rows(named=True):
        document = (span["href"] or "").partition("#")[0]
        page = span["page"] or number.get(document, 1)
        book.spans[page].append(span)
        book.home.setdefault(span["block_id"], page)
    for change in frames["raw_books__changes"].iter_rows(named=True):
        book.changes[change["page"]].append(change)
    book.shown = [page["page"] for page in book.pages if not wanted or page["page"] in wanted]
    return book


def _side(book: _Book, kinds: Sequence[str]) -> str:
    counts = Counter(block["kind"] for block in book.blocks.values())
    switches = "".join(_switch(kind, COLORS[kind], counts[kind]) for kind in kinds)
    total = sum(len(found) for found in book.changes.values())
    heads = "".join(_entry(row, book) for row in book.blocks.values() if row["kind"] == "heading")
    part = len(book.shown) < len(book.pages)
    whole = f'<p><a href="{escape(book.whole)}">Whole book</a></p>' if part and book.whole else ""
    return (
        f"<aside class=side>{whole}<h2>Show</h2>{switches}{_switch('changes', '#0000', total)}"
        f"<h2>Sections</h2><nav aria-label=Sections><ol>{heads}</ol></nav></aside>"
    )


def _switch(name: str, color: str, count: int) -> str:
    return (
        f"<label><input type=checkbox id=s-{name} checked>"
        f'<span class=chip style="background:{color}"></span>{name}'
        f"<span class=n>{count:,}</span></label>"
    )


def _entry(row: Plain, book: _Book) -> str:
    page = book.home.get(row["block_id"], 1)
    words = escape(f"{row['number']} {row['text']}" if row["number"] else row["text"])
    here = book.address(page, f"{row['block_id']}-0")
    linked = f'<a href="{here}">{words}</a>' if here else f"<em>{words}</em>"
    indent = f"padding-left:{0.8 * min(row['level'] or 0, 6):.1f}rem"
    return f'<li style="{indent}">{linked}<span>{page}</span></li>'


def _head(book: _Book) -> str:
    row, pages = book.row, book.pages
    states = Counter(page["status"] for page in pages)
    done = Counter(change["kind"] for found in book.changes.values() for change in found)
    lines = "".join(
        f"<tr><td>{kind}<td class=n>{count:,}</tr>" for kind, count in done.most_common()
    )
    warnings = "".join(f"<li>{escape(words)}</li>" for words in row["warnings"])
    count = f"{len(pages):,} page{'s' if len(pages) != 1 else ''}"
    warned = warnings and f"<div class=warn><strong>Warnings</strong><ul>{warnings}</ul></div>"
    authors = f"{escape(', '.join(row['authors']))} · " if row["authors"] else ""
    read = ", ".join(f"{count:,} {status}" for status, count in sorted(states.items()))
    return (
        f"<h1>{escape(row['title'])}</h1><p class=sum>{authors}{escape(row['book_id'])} · "
        f"{row['format']} · {count} ({read}) · read by {escape(row['reader'])}<br>"
        f"{_account(pages)}</p>"
        "<details class=sum><summary>Taken off, moved and repaired, by kind</summary>"
        f"<table>{lines}</table></details>{warned}"
    )


def _account(pages: Sequence[Plain]) -> str:
    """Where the characters of some pages went, in one line."""
    names = {"kept": "kept", "furniture": "taken off", "moved": "moved", "repaired": "repaired"}
    sums = {
        name: sum(page[name] for page in pages) for name in (*names, "chars", "lost", "doubled")
    }
    went = " · ".join(f"{sums[name]:,} {words}" for name, words in names.items() if sums[name])
    bad = " · ".join(f"{sums[name]:,} {name}" for name in ("lost", "doubled") if sums[name])
    verdict = f"<span class=bad>{bad}</span>" if bad else "none lost or doubled"
    return f"{sums['chars']:,} characters: {went or '0 kept'} · {verdict}"


def _page(page: Plain, book: _Book, picture: str | None) -> str:
    at = page["page"]
    spans = book.spans[at]
    notes: dict[str | None, list[Plain]] = defaultdict(list)
    last = {span["block_id"]: span["part"] for span in spans}
    for change in book.changes[at]:
        notes[change["block_id"] if change["block_id"] in last else None].append(change)
    sheet = ""
    if picture:
        boxes = "".join(_box(span, book.blocks[span["block_id"]], page) for span in spans)
        image = f'<img loading=lazy src="{escape(picture)}" alt="page {at}">'
        sheet = f"<div class=sheet>{image}{boxes}</div>"
    texts: list[str] = []
    for span in spans:
        ends = last[span["block_id"]] == span["part"]
        texts.append(_block(span, book, notes[span["block_id"]] if ends else [], bool(picture)))
    return (
        f"<section class=page id=p{at}>{_bar(page, book)}<div class=sheets>{sheet}"
        f"<div>{''.join(texts)}{_taken(notes[None])}</div></div></section>"
    )


def _bar(page: Plain, book: _Book) -> str:
    """Page number, state, where its characters went, and the way to the pages beside it."""
    at, label = page["page"], page["label"]
    named = f"<span>{escape(str(label))}</span>" if label and str(label) != str(at) else ""
    fault = page["code"] or (page["status"] if page["status"] in ("failed", "scanned") else "")
    bad = f"<span class=bad>{fault}</span>" if fault else ""
    bad += "<span>no text of the book</span>" if page["status"] == "empty" else ""
    ways = [
        f'<a href="{there}" aria-label="page {to}">{words}</a>'
        for to, words in ((at - 1, "← previous"), (at + 1, "next →"))
        if 1 <= to <= len(book.pages) and (there := book.address(to, f"p{to}"))
    ]
    seen = "<span>text recognised in an image</span>" if page.get("source") == "ocr" else ""
    return (
        f"<div class=bar><strong>page {at}</strong>{named}{seen}{bad}"
        f"<span>{_account([page])}</span>"
        f"<span class=go>{' '.join(ways)}</span></div>"
    )


def _box(span: Plain, block: Plain, page: Plain) -> str:
    if span["x0"] is None or not page["width"] or not page["height"]:
        return ""
    wide, high = page["width"], page["height"]
    style = (
        f"left:{100 * span['x0'] / wide:.2f}%;top:{100 * span['y0'] / high:.2f}%;"
        f"width:{100 * (span['x1'] - span['x0']) / wide:.2f}%;"
        f"height:{100 * (span['y1'] - span['y0']) / high:.2f}%"
    )
    target, kind = f"{span['block_id']}-{span['part']}", block["kind"]
    return (
        f'<a class="box k-{kind}" id="b-{target}" href="#{target}" title="{kind}" '
        f'aria-label="{kind}" style="{style}"></a>'
    )


def _block(span: Plain, book: _Book, changes: Sequence[Plain], drawn: bool) -> str:
    block = book.blocks[span["block_id"]]
    kind, name = block["kind"], f"{span['block_id']}-{span['part']}"
    text = escape(block["text"][span["char_start"] : span["char_end"]])
    words = [kind if block["level"] is None else f"{kind} {block['level']}"]
    words += [block["lang"]] if block["lang"] not in ("", kind) else []
    words += [f"number {escape(block['number'])}"] if block["number"] else []
    words += [_face(span)] if span["font"] else []
    words += [f"goes on from page {book.home[span['block_id']]}"] if span["part"] else []
    label = " · ".join(words)
    if drawn and span["x0"] is not None:
        label = f'<a href="#b-{name}">{label}</a>'
    if kind in CODE_KINDS or kind == "table":
        text = f"<pre>{text}</pre>"
    elif kind == "heading":
        text = f"<h3>{text}</h3>"
    if figure := book.figures.get(span["block_id"]):
        text = shown_figure(figure)
    return (
        f'<div class="block k-{kind}" id="{name}"><div class=kind>{label}</div>{text}'
        f"{''.join(map(_change, changes))}</div>"
    )


def _face(span: Plain) -> str:
    """The type of a piece: what told its kind, together with where it stands."""
    more = [name for name in ("bold", "mono") if span[name]]
    return escape(" ".join([span["font"], f"{span['size']:g} pt", *more]))


def _taken(changes: Sequence[Plain]) -> str:
    """What was taken off a page and belongs to no block of it."""
    if not changes:
        return ""
    more = len(changes) - _CHANGES_SHOWN
    rest = f"<div class=took>and {more:,} more</div>" if more > 0 else ""
    lines = "".join(map(_change, changes[:_CHANGES_SHOWN]))
    said = f"<summary>{len(changes):,} taken off</summary>"
    return f"<details open class=took>{said}{lines}{rest}</details>"


def _change(change: Plain) -> str:
    was = f"<del><code>{escape(_short(change['before']))}</code></del>"
    now = f" → <ins><code>{escape(_short(change['after']))}</code></ins>" if change["after"] else ""
    why = f" ({escape(change['why'])})" if change["why"] else ""
    return f"<div class=took>{change['kind']}: {was}{now}{why}</div>"


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:120]}…"
