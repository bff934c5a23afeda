"""Levels and numbers of chapters of EPUBs whose tags begin above or below them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from booktune_assets.books.blocks import Parsed
from booktune_assets_tests.books.makers import epub
from booktune_assets_tests.books.test_publishers import NCX, ncx

Read = Callable[[Path], Parsed]
WORDS = "<p>Words that say what comes next, as long as a paragraph is.</p>"
PAGES: dict[str, str | bytes] = {
    "a.xhtml": f"<h2>Tides</h2>{WORDS}<h3>Low</h3>{WORDS}",
    "b.xhtml": f"<h2>Harbours</h2>{WORDS}",
}
LEVELS = [("Tides", 1), ("Low", 2), ("Harbours", 1)]


def levels(parsed: Parsed) -> list[tuple[str, int | None]]:
    return [(one.text, one.level) for one in parsed.blocks if one.kind == "heading"]


@pytest.mark.parametrize("title", ["A Small Book", "Of the Sea"])
@pytest.mark.parametrize("listed", [True, False])
def test_chapters_below_the_title_of_the_book_are_of_level_1(
    tmp_path: Path, read: Read, title: str, listed: bool
) -> None:
    pages = {"t.xhtml": f"<h1>{title}</h1>{WORDS * 9}", **PAGES}
    points = (title, "t.xhtml"), ("Tides", "a.xhtml"), ("Harbours", "b.xhtml")
    made = epub(
        tmp_path / "b.epub", pages, extra=ncx(*points) if listed else {},
        manifest=NCX if listed else "",
    )  # fmt: skip
    assert levels(read(made)) == [(title, 1), *LEVELS]


def test_tags_that_no_heading_has_are_no_levels(tmp_path: Path, read: Read) -> None:
    assert levels(read(epub(tmp_path / "b.epub", PAGES))) == LEVELS


def test_one_chapter_alone_is_no_title(tmp_path: Path, read: Read) -> None:
    pages: dict[str, str | bytes] = {"a.xhtml": f"<h1>Tides</h1>{WORDS}<h2>Low</h2>{WORDS}"}
    assert levels(read(epub(tmp_path / "b.epub", pages))) == [("Tides", 1), ("Low", 2)]


def test_what_an_author_numbered_counts_more_than_what_a_program_counts(
    tmp_path: Path, read: Read
) -> None:
    body = '<h1><span class="header-section-number">%d</span> Chapter %d%s %s</h1>' + WORDS
    pages: dict[str, str | bytes] = {
        "a.xhtml": body % (2, 1, ".", "Tides"), "b.xhtml": body % (3, 2, ":", "Ebb"),
        "c.xhtml": f"<h1>3 Chapters</h1>{WORDS}",
    }  # fmt: skip
    parsed = read(epub(tmp_path / "b.epub", pages))
    found = [(b.number, b.label, b.text) for b in parsed.blocks if b.kind == "heading"]
    assert found == [("1", "chapter", "Tides"), ("2", "chapter", "Ebb"), ("3", None, "Chapters")]
    assert not any(page.lost or page.doubled for page in parsed.pages)


@pytest.mark.parametrize("anchor", ["", "#c"])
@pytest.mark.parametrize("named", ["<p>One</p>", "<ul><li>One</li><li>Two</li></ul>"])
def test_an_entry_whose_place_has_a_heading_names_no_words_below_it(
    tmp_path: Path, read: Read, named: str, anchor: str
) -> None:
    pages: dict[str, str | bytes] = {
        "a.xhtml": f'<h1 id="c">Kettles</h1>{WORDS}{named}{WORDS}',
        "b.xhtml": f"<h1>Cups</h1>{WORDS}",
    }
    extra = ncx(("One", f"a.xhtml{anchor}"), ("Two", "b.xhtml"))
    made = epub(tmp_path / "b.epub", pages, extra=extra, manifest=NCX)
    assert levels(read(made)) == [("Kettles", 1), ("Cups", 1)]


def test_a_line_above_every_chapter_does_not_hide_its_title(tmp_path: Path, read: Read) -> None:
    pages: dict[str, str | bytes] = {
        f"{name}.xhtml": f"<h2>Of the Sea</h2><p>{title}</p>{WORDS}<ul><li>{title}</li></ul>"
        for name, title in (("a", "Tides"), ("b", "Harbours"))
    }
    extra = ncx(("Tides", "a.xhtml"), ("Harbours", "b.xhtml"))
    made = epub(tmp_path / "b.epub", pages, extra=extra, manifest=NCX)
    found = [one for one, _ in levels(read(made))]
    assert found == ["Of the Sea", "Tides", "Of the Sea", "Harbours"]
