"""Printed pages of EPUBs: page lists, marks in the text, and what refers to a page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from booktune_assets.books.blocks import Parsed
from booktune_assets_tests.books.books_lab import book, rows, titles
from booktune_assets_tests.books.makers import MODULE, epub
from booktune_assets_tests.books.test_publishers import NCX

Read = Callable[[Path], Parsed]
FIRST = "The tide table is read once a day, and nobody reads it twice."
SECOND = "What the harbour master does with it is his own affair."
ONE = f"<h1>Tides</h1><p>%s{FIRST} %s{SECOND}</p><pre>{MODULE}</pre>"
TWO = "<h1>%sHarbours</h1><p>Ships come and go, as told on page 13; see page 14.</p>"
NAV = (
    '<nav epub:type="toc"><ol><li><a href="a.xhtml">Tides</a></li></ol></nav>'
    '<nav epub:type="page-list"><ol><li><a href="a.xhtml#x">12</a></li>'
    '<li><a href="a.xhtml#y">13</a></li><li><a href="b.xhtml#z">14</a></li></ol></nav>'
)
PAGES = "".join(
    f'<pageTarget id="t{n}" type="normal"><navLabel><text>{n}</text></navLabel>'
    f'<content src="{href}"/></pageTarget>'
    for n, href in ((12, "a.xhtml#x"), (13, "a.xhtml#y"), (14, "b.xhtml#z"))
)
MARKS = {
    "nav": ('<a id="x"/>', '<span id="y"/>', '<a id="z"/>'),
    "ncx": ('<a id="x"/>', '<span id="y"/>', '<a id="z"/>'),
    "typed": tuple(f'<span epub:type="pagebreak" title="{n}" id="q{n}"/>' for n in (12, 13, 14)),
    "roles": tuple(
        f'<span role="doc-pagebreak" aria-label="Page {n}." id="q{n}"></span>' for n in (12, 13, 14)
    ),
    "written": tuple(f'<span class="pagenum"><a id="p{n}"/>[{n}]</span>' for n in (12, 13, 14)),
}


def made(path: Path, way: str) -> Path:
    one, two, three = MARKS[way]
    pages: dict[str, str | bytes] = {"a.xhtml": ONE % (one, two), "b.xhtml": TWO % three}
    if way == "nav":
        extra = {"OEBPS/nav.xhtml": f"<html xmlns:epub='http://www.idpf.org/2007/ops'>{NAV}</html>"}
        item = '<item id="n" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
        return epub(path, pages, extra=extra, manifest=item)
    if way == "ncx":
        whole = (
            f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><pageList>{PAGES}</pageList></ncx>'
        )
        return epub(path, pages, extra={"OEBPS/toc.ncx": whole}, manifest=NCX)
    return epub(path, pages)


@pytest.mark.parametrize("way", MARKS)
def test_blocks_know_the_printed_pages_they_stand_on(tmp_path: Path, read: Read, way: str) -> None:
    parsed = read(made(tmp_path / "book.epub", way))
    told = [
        (block.kind, block.text[place.start : place.end], place.printed)
        for block in parsed.blocks for place in block.places
    ]  # fmt: skip
    assert told == [
        ("heading", "Tides", None),
        ("prose", FIRST, "12"),
        ("prose", SECOND, "13"),
        ("code", MODULE, "13"),
        ("heading", "Harbours", "14"),
        ("prose", "Ships come and go, as told on page 13; see page 14.", "14"),
    ]
    assert not any(page.lost or page.doubled for page in parsed.pages)
    frames = book(parsed.blocks, parsed.pages)
    name = titles(frames)
    assert [(row["number"], name[row["target_section_id"]]) for row in rows(frames, "refs")] == [
        ("13", "Tides"), ("14", "Harbours"),
    ]  # fmt: skip
    assert frames["sections"]["page_first"].null_count() == 2  # the file has no pages


def test_a_page_may_begin_within_a_listing(tmp_path: Path, read: Read) -> None:
    head, foot = MODULE.split("\n\n", 1)
    body = f"<h1>T</h1><pre>{head}\n\n<span epub:type='pagebreak' title='7'/>{foot}</pre><p>So.</p>"
    code, prose = read(epub(tmp_path / "b.epub", {"a.xhtml": body})).blocks[1:]
    assert code.text == MODULE
    assert [code.text[p.start : p.end].strip() for p in code.places] == [head, foot.strip()]
    assert [p.printed for p in (*code.places, *prose.places)] == [None, "7", "7"]


def test_a_mark_without_a_label_begins_no_page(tmp_path: Path, read: Read) -> None:
    body = "<h1>T</h1><p>So.</p><hr class='pagebreak'/><p>And so.</p>"
    parsed = read(epub(tmp_path / "b.epub", {"a.xhtml": body}))
    assert {place.printed for block in parsed.blocks for place in block.places} == {None}
