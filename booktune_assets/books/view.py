"""A book as it was read, for a person: each page beside its blocks, in HTML.

Belongs here: the page of HTML. Does not: pictures (``crops.py``), the lake (the verb ``show`` hands
the frames over).

The view needs no network and no script: pictures are files beside it, loaded as they come into
sight; boxes are drawn over them in per cent of the page, coloured by kind of block.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import polars as pl

from booktune_assets.books.blocks import CODE_KINDS
from booktune_assets.books.view_figures import figure_list, figure_rows, shown_figure

__all__ = ["pages_of", "view_html"]

Plain = dict[str, Any]
# Colour-blind safe (Okabe and Ito, 2008), one per family of kinds.
_COLORS = {
    "heading": "#d55e00", "prose": "#999999", "list": "#7a7a7a", "code": "#0072b2",
    "iex": "#009e73", "erl_shell": "#009e73", "output": "#56b4e9", "table": "#cc79a7",
    "caption": "#e69f00", "figure": "#e69f00", "footnote": "#b8860b", "callout": "#8a2be2",
    "exercise": "#c71585", "answer": "#2e8b57", "running_head": "#cccccc",
}  # fmt: skip
_STYLE = """
body{font:15px/1.45 system-ui,sans-serif;margin:0 auto;max-width:110rem;padding:1rem;color:#222}
table{border-collapse:collapse}td,th{padding:.1rem .8rem .1rem 0;text-align:left;
vertical-align:top}td.n{text-align:right}
.page{display:grid;grid-template-columns:minmax(20rem,5fr) 6fr;gap:1.5rem;margin:2rem 0;
border-top:1px solid #ccc;padding-top:1rem}.sheet{position:relative;align-self:start}
.sheet img{width:100%;display:block;border:1px solid #ddd}
.box{position:absolute;border:2px solid;opacity:.75;box-sizing:border-box}
.block{border-left:4px solid;padding:.1rem .6rem;margin:.35rem 0;overflow-wrap:anywhere}
.block:target,.block:hover{background:#fff7d6}.kind{font-size:.75rem;color:#555}
pre{margin:.2rem 0;white-space:pre-wrap;font:13px/1.35 ui-monospace,monospace}
.took{font-size:.8rem;color:#555}.bad{color:#b00020;font-weight:600}
.figures{display:flex;flex-wrap:wrap;gap:1rem}.figures figure{width:14rem;margin:0}
figure img{max-width:100%;max-height:12rem;border:1px solid #ddd;background:#fff}
.block figure{margin:.3rem 0}figcaption{font-size:.8rem;color:#444}
@media(max-width:60rem){.page{grid-template-columns:1fr}}
"""


def pages_of(pages: pl.DataFrame) -> list[int]:
    """The pages that can be drawn; empty for formats without pages."""
    return pages.drop_nulls("width")["page"].sort().to_list()


def view_html(
    frames: Mapping[str, pl.DataFrame], pictures: Mapping[int, str], wanted: Sequence[int] = (),
    figures: Mapping[str, str] | None = None,
) -> str:  # fmt: skip
    """HTML of a book from the frames of ``raw_books``.

    ``pictures`` are addresses of page images by page; ``wanted`` are the pages to show (all);
    ``figures`` are addresses of the pictures of figures by their id.
    """
    book = frames["raw_books"].row(0, named=True)
    blocks = {row["block_id"]: row for row in frames["raw_books__blocks"].iter_rows(named=True)}
    pages = list(frames["raw_books__pages"].sort("page").iter_rows(named=True))
    number = {row["label"]: row["page"] for row in pages}
    spans: dict[int, list[Plain]] = defaultdict(list)
    ordered = frames["raw_books__spans"].join(
        frames["raw_books__blocks"].select("block_id", "ordinal"), on="block_id"
    ).sort("ordinal", "part")  # fmt: skip
    for span in ordered.iter_rows(named=True):
        document = (span["href"] or "").partition("#")[0]
        spans[span["page"] or number.get(document, 1)].append(span)
    changes: dict[int, list[Plain]] = defaultdict(list)
    for change in frames["raw_books__changes"].iter_rows(named=True):
        changes[change["page"]].append(change)
    shown = [page for page in pages if not wanted or page["page"] in wanted]
    there = figure_rows(frames, figures or {})
    parts = [_head(book, pages, blocks.values(), changes), figure_list(there, number)]
    of_block = {row["block_id"]: row for row in there}
    for page in shown:
        at = page["page"]
        parts.append(_page(page, spans[at], blocks, pictures.get(at), changes[at], of_block))
    return "\n".join([*parts, "</body></html>\n"])


def _head(
    book: Plain, pages: Sequence[Plain], blocks: Any, changes: Mapping[int, Sequence[Plain]]
) -> str:
    kinds = Counter(block["kind"] for block in blocks)
    done = Counter(change["kind"] for found in changes.values() for change in found)
    lost = sum(page["lost"] + page["doubled"] for page in pages)
    sums = {name: sum(page[name] for page in pages) for name in ("chars", "kept", "furniture")}
    legend = "".join(
        f'<tr><td style="color:{_COLORS[kind]}">■</td><td>{kind}</td>'
        f"<td class=n>{count:,}</td></tr>"
        for kind, count in kinds.most_common()
    )
    took = "".join(
        f"<tr><td>{kind}</td><td class=n>{count:,}</td></tr>" for kind, count in done.most_common()
    )
    verdict = f"<span class=bad>{lost:,} lost or doubled</span>" if lost else "none lost or doubled"
    warnings = "".join(f"<li>{escape(words)}</li>" for words in book["warnings"])
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{escape(book['title'])}"
        f"</title><style>{_STYLE}</style></head><body><h1>{escape(book['title'])}</h1>"
        f"<p>{escape(book['book_id'])} · {book['format']} · {len(pages):,} pages · read by "
        f"{escape(book['reader'])}. {sums['chars']:,} characters on the pages, {sums['kept']:,} in "
        f"blocks, {sums['furniture']:,} taken off; {verdict}.</p>"
        f"<table><tr><th colspan=3>blocks</th></tr>{legend}</table>"
        f"<details><summary>taken off, moved, repaired</summary><table>{took}</table></details>"
        + (f"<ul>{warnings}</ul>" if warnings else "")
    )


def _page(
    page: Plain, spans: Sequence[Plain], blocks: Mapping[str, Plain], picture: str | None,
    changes: Sequence[Plain], figures: Mapping[str, Plain],
) -> str:  # fmt: skip
    boxes = "".join(_box(span, blocks[span["block_id"]], page) for span in spans)
    sheet = (
        f'<div class=sheet><img loading=lazy src="{escape(picture)}" alt="page {page["page"]}">'
        f"{boxes}</div>"
        if picture
        else f"<div class=sheet>{escape(str(page['label'] or ''))}</div>"
    )
    texts = "".join(
        _block(span, blocks[span["block_id"]], figures.get(span["block_id"])) for span in spans
    )
    state = (
        ""
        if page["status"] == "ok"
        else f" <span class=bad>{page['code'] or page['status']}</span>"
    )
    if page["source"] == "ocr":
        state += " · text recognised in an image"
    gone = page["lost"] + page["doubled"]
    bad = f" <span class=bad>{gone} characters lost or doubled</span>" if gone else ""
    took = "".join(
        f"<div class=took>{change['kind']}: <code>{escape(_short(change['before']))}</code>"
        + (f" → <code>{escape(_short(change['after']))}</code>" if change["after"] else "")
        + "</div>"
        for change in changes
    )
    hidden = f"<details><summary class=took>{len(changes)} changes</summary>{took}</details>"
    return (
        f"<section class=page id=p{page['page']}>{sheet}<div><p class=kind>page {page['page']}"
        f"{state}{bad}</p>{texts}{hidden if changes else ''}</div></section>"
    )


def _box(span: Plain, block: Plain, page: Plain) -> str:
    if span["x0"] is None or not page["width"] or not page["height"]:
        return ""
    wide, high = page["width"], page["height"]
    style = (
        f"left:{100 * span['x0'] / wide:.2f}%;top:{100 * span['y0'] / high:.2f}%;"
        f"width:{100 * (span['x1'] - span['x0']) / wide:.2f}%;"
        f"height:{100 * (span['y1'] - span['y0']) / high:.2f}%;"
        f"border-color:{_COLORS[block['kind']]}"
    )
    target = f"{span['block_id']}-{span['part']}"
    return f'<a class=box href="#{target}" title="{block["kind"]}" style="{style}"></a>'


def _block(span: Plain, block: Plain, figure: Plain | None) -> str:
    text = escape(block["text"][span["char_start"] : span["char_end"]])
    level = f" {block['level']}" if block["level"] is not None else ""
    number = f" · {escape(block['number'])}" if block["number"] else ""
    goes_on = " · goes on" if span["part"] else ""
    lang = f" {block['lang']}" if block["lang"] != block["kind"] else ""
    words = f"{block['kind']}{level}{lang}{number}{goes_on}"
    body = f"<pre>{text}</pre>" if block["kind"] in CODE_KINDS or block["kind"] == "table" else text
    if block["kind"] == "heading":
        body = f"<strong>{text}</strong>"
    if figure is not None:
        body = shown_figure(figure)
    return (
        f'<div class=block id="{span["block_id"]}-{span["part"]}" '
        f'style="border-color:{_COLORS[block["kind"]]}"><div class=kind>{words}</div>{body}</div>'
    )


def _short(text: str) -> str:
    return text if len(text) <= 90 else f"{text[:90]}…"
