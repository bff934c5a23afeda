"""The account of characters: whatever the text layer holds, nothing is lost and nothing doubled."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import pymupdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booktune_assets.books.blocks import Block, Limits, Page, Parsed, Place
from booktune_assets.books.formats import parse
from booktune_assets.books.ledger import DROPPED, MOVED, REPAIRS, Ledger, ink
from booktune_assets.books.markdown import parse_text
from booktune_assets.schemas import CHANGES
from booktune_assets.settings import Repair
from booktune_assets_tests.books.makers import MODULE, epub, page

Read = Callable[[Path], Parsed]

_PLAIN = "a Chapter 7 3.2 - * 12 def do end |> com- plete 1 2 3 Tides: iex> #{x} (1) . . 41"
_MARKS = "\u2022|\u2018x\u2019|\ufb01sh|\u2460|\u21a9|\u21aa|page of|Figure 3.1"
_WORDS = st.sampled_from(_PLAIN.split() + _MARKS.split("|"))
_LINE = st.tuples(
    st.floats(20, 300), st.integers(1, 40), st.sampled_from(["helv", "cour", "tiro", "hebo"]),
    st.sampled_from([6.0, 8.0, 10.0, 14.0, 22.0]), st.lists(_WORDS, min_size=1, max_size=9),
    st.sampled_from([0, 0, 0, 0, 90]),
)  # fmt: skip
_PAGE = st.tuples(st.lists(_LINE, min_size=3, max_size=25), st.booleans())


def draw(path: Path, pages: list[tuple[list[tuple[object, ...]], bool]]) -> None:
    """A PDF with these lines, boxes behind some of them."""
    with pymupdf.open() as document:
        for lines, boxed in pages:
            sheet = document.new_page(width=420, height=600)
            sheet.insert_text((40, 590), "enough words for a page that is no scan", fontsize=7)
            if boxed:
                sheet.draw_rect((15, 200, 400, 380), color=None, fill=(0.9, 0.9, 0.9))
            for x, row, font, size, words, turn in lines:
                point = (x, 14.0 * int(str(row)))
                sheet.insert_text(point, " ".join(words), fontname=font, fontsize=size, rotate=turn)
        document.save(path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_PAGE, min_size=1, max_size=4))
def test_any_text_layer_is_conserved(pages: list[tuple[list[tuple[object, ...]], bool]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "any.pdf")
        draw(path, pages)
        parsed = parse(path, Limits(), lambda done, total: None)
    assert [(row.lost, row.doubled) for row in parsed.pages] == [(0, 0)] * len(parsed.pages)
    # the spans of every block lie in its text, in order
    for block in parsed.blocks:
        ends = [0, *[edge for place in block.places for edge in (place.start, place.end)]]
        assert ends == sorted(ends) and ends[-1] <= len(block.text)


_TAGS = st.sampled_from(["p", "pre", "h1", "h2", "li", "div", "span", "aside", "td", "b", "script"])


@settings(max_examples=60, deadline=None)
@given(st.recursive(
    st.text(max_size=12),
    lambda inner: st.tuples(_TAGS, st.lists(inner, max_size=4)),
    max_leaves=20,
))  # fmt: skip
def test_any_page_of_an_epub_is_conserved(tree: object) -> None:
    with TemporaryDirectory() as folder:
        body = f"<h1>1 Title</h1><p>Words that stay.</p>{_markup(tree)}"
        path = epub(Path(folder, "any.epub"), {"a.xhtml": page(body).encode("utf-8", "replace")})
        parsed = parse(path, Limits(), lambda done, total: None)
    assert [(row.lost, row.doubled) for row in parsed.pages] == [(0, 0)]


def _markup(tree: object) -> str:
    if isinstance(tree, str):
        text = "".join(char for char in tree if char >= " " or char == "\n")
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    tag, inner = tree  # type: ignore[misc]
    body = "".join(_markup(one) for one in inner)
    return f"<table><tr><td>{body}</td></tr></table>" if tag == "td" else f"<{tag}>{body}</{tag}>"


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_any_markdown_is_conserved(text: str) -> None:
    parsed = parse_text(("# Title\n\nWords.\n\n" + text).encode("utf-8", "replace"), "md", "any.md")
    assert (parsed.pages[0].lost, parsed.pages[0].doubled) == (0, 0)


def test_a_missing_and_a_doubled_character_are_seen() -> None:
    ledger = Ledger()
    ledger.drew(1, "abcd")
    ledger.took(1, "furniture", "d")
    rows = [Page(1)]
    ledger.settle([Block("prose", "aab", places=[Place(0, 3, page=1)])], rows)
    assert (rows[0].kept, rows[0].furniture, rows[0].lost, rows[0].doubled) == (3, 1, 1, 1)


def test_every_repair_is_a_record_and_can_be_switched_off(tmp_path: Path) -> None:
    curly = MODULE.replace("true", "\u201ctrue\u201d \u201c\u201d")
    path = epub(
        tmp_path / "b.epub", {"a.xhtml": f"<h1>T</h1><pre>{curly.replace('>', '&gt;')}</pre>"}
    )
    mended = parse(path, Limits(), lambda done, total: None)
    assert '"true" ""' in mended.blocks[1].text
    (change,) = [change for change in mended.changes if change["kind"] == "quotes"]
    assert (change["before"], change["after"]) == (
        "    \u201ctrue\u201d \u201c\u201d",
        '    "true" ""',
    )
    assert change["block"] == 1 and change["why"] == REPAIRS["quotes"]
    plain = parse(path, Limits(repairs_off=("quotes",)), lambda done, total: None)
    assert "\u201ctrue\u201d" in plain.blocks[1].text and not plain.changes


@pytest.mark.parametrize("text", ["", " \n", "a\u00a0b c"])
def test_ink_leaves_white_space_out(text: str) -> None:
    assert ink(text).total() == sum(not char.isspace() for char in text)


@pytest.mark.parametrize("gone", [False, True])
def test_what_a_repair_puts_in_is_not_kept_of_the_page(gone: bool) -> None:
    ledger = Ledger()
    ledger.misread(1, "x\u201cy", 'x"y_')
    ledger.drew(1, 'x"y_')
    blocks = [] if gone else [Block("code", 'x"y_', places=[Place(page=1, start=0, end=4)])]
    if gone:  # a running head that was mended first
        ledger.took(1, "furniture", 'x"y_')
    page = Page(1)
    ledger.settle(blocks, [page])
    assert (page.chars, page.lost, page.doubled, page.repaired) == (3, 0, 0, 1)
    assert page.chars == page.kept + page.furniture + page.repaired
    assert page.kept == (0 if gone else 2)


def test_kinds_of_changes_are_those_of_the_table_and_repairs_those_of_the_setting() -> None:
    assert set(CHANGES) == {*DROPPED, *MOVED, *REPAIRS}
    assert set(get_args(Repair)) == set(REPAIRS)
