"""The view of a book: every page, every block, and nothing that runs or is fetched."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from booktune_assets.books.reader import read_book
from booktune_assets.books.view import pages_of, view_html
from booktune_assets.settings import Reading
from booktune_assets_tests.books.figure_makers import illustrated
from booktune_assets_tests.books.makers import epub
from booktune_assets_tests.books.test_pdf import harbour


def test_pages_boxes_and_texts(tmp_path: Path) -> None:
    frames = read_book(harbour(tmp_path / "book.pdf"), "harbour", Reading()).frames
    pages = pages_of(frames["raw_books__pages"])
    assert pages == frames["raw_books__pages"]["page"].to_list()
    html = view_html(frames, {page: f"pages/{page}.png" for page in pages})
    assert html.count("<img ") == len(pages)
    spans = frames["raw_books__spans"]
    assert html.count('class="box k-') == spans.height
    for block, part in spans.select("block_id", "part").iter_rows():
        assert f'id="{block}-{part}"' in html and f'href="#{block}-{part}"' in html
    assert "none lost or doubled" in html and "furniture: <del>" in html
    boxes = re.findall(r"left:([\d.]+)%;top:([\d.]+)%;width:([\d.]+)%", html)
    assert all(float(left) + float(width) <= 100 for left, _, width in boxes)
    assert "<script" not in html and "http" not in html


def test_one_page_only(tmp_path: Path) -> None:
    frames = read_book(harbour(tmp_path / "book.pdf"), "harbour", Reading()).frames
    html = view_html(frames, {}, wanted=[2])
    assert html.count("<section class=page") == 1 and "id=p2>" in html
    assert "index.html" not in html  # nothing leads to a file that may not be there
    assert 'href="index.html#p1"' in view_html(frames, {}, wanted=[2], whole="index.html")


def test_one_page_shows_its_own_figures(tmp_path: Path) -> None:
    path = illustrated(tmp_path / "b.pdf")
    frames = read_book(path, "b", Reading(), figures=tmp_path / "o").frames
    pages = frames["raw_books__figures"]["page"].to_list()
    assert len(set(pages)) > 1
    html = view_html(frames, {}, wanted=[pages[0]], whole="index.html")
    assert f"Figures ({pages.count(pages[0])})" in html
    names = set(re.findall(r'\bid="?([\w-]+)', html))
    assert set(re.findall(r'href="#([\w-]+)"', html)) <= names
    blank = next(n for n in frames["raw_books__pages"]["page"] if n not in pages)
    assert "Figures (" not in view_html(frames, {}, wanted=[blank])


def test_a_page_without_text_of_the_book_is_no_fault(tmp_path: Path) -> None:
    path = epub(tmp_path / "b.epub", {"a.xhtml": "<p> </p>", "b.xhtml": "<h1>T</h1><p>Words.</p>"})
    html = view_html(read_book(path, "b", Reading()).frames, {})
    assert "no text of the book" in html and "class=bad>empty" not in html


def test_every_kind_has_its_count_and_its_switch(tmp_path: Path) -> None:
    frames = read_book(harbour(tmp_path / "book.pdf"), "harbour", Reading()).frames
    html = view_html(frames, {})
    for kind, count in frames["raw_books__blocks"]["kind"].value_counts().iter_rows():
        assert f"id=s-{kind} checked" in html and f"</span>{kind}<span class=n>{count:,}<" in html
        assert f"body:has(#s-{kind}:not(:checked)) .k-{kind}{{display:none}}" in html


def test_links_lead_somewhere_and_names_are_unique(tmp_path: Path) -> None:
    frames = read_book(harbour(tmp_path / "book.pdf"), "harbour", Reading()).frames
    html = view_html(frames, dict.fromkeys(pages_of(frames["raw_books__pages"]), "x.png"))
    names = re.findall(r'\bid="?([\w-]+)', html)
    assert len(names) == len(set(names))
    assert set(re.findall(r'href="#([\w-]+)"', html)) <= set(names)


def test_a_change_stands_under_its_block_with_its_reason(tmp_path: Path) -> None:
    frames = read_book(harbour(tmp_path / "book.pdf"), "harbour", Reading()).frames
    html = view_html(frames, {})
    changes = frames["raw_books__changes"]
    assert html.count("<del>") == changes.height
    placed = changes.drop_nulls("block_id").row(0, named=True)
    after = html[html.index(f'id="{placed["block_id"]}-') :]
    assert f"{placed['kind']}: <del>" in after[: after.index("</div></div>")]
    without = changes.filter(pl.col("block_id").is_null())
    assert html.count("taken off</summary>") == without["page"].n_unique()


def test_a_format_without_pages_and_text_that_looks_like_markup(tmp_path: Path) -> None:
    path = epub(tmp_path / "b.epub", {"a.xhtml": "<h1>T</h1><p>&lt;script&gt;alert(1)</p>"})
    frames = read_book(path, "b", Reading()).frames
    html = view_html(frames, {})
    assert pages_of(frames["raw_books__pages"]) == []
    assert "&lt;script&gt;" in html and "<script" not in html and "OEBPS/a.xhtml" in html
