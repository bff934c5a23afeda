"""Boxes that are drawn as four rules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas

from booktune_assets.books.blocks import CODE_KINDS, Parsed
from booktune_assets.books.ruled import ruled_boxes
from booktune_assets_tests.books.makers import SESSION, paragraph

Rect = tuple[float, float, float, float]


def rules(*ys: float, left: float = 50, right: float = 300) -> list[Rect]:
    return [(left, y, right, y) for y in ys]


def posts(*xs: float, top: float = 100, bottom: float = 160) -> list[Rect]:
    return [(x, top, x, bottom) for x in xs]


def test_two_rules_and_two_posts_make_a_box() -> None:
    assert ruled_boxes(rules(100, 160), posts(50, 300)) == [(50, 100, 300, 160)]


def test_posts_of_several_pieces_make_one_side() -> None:
    pieces = [*posts(50, 300, bottom=130), *posts(50, 300, top=130)]
    assert ruled_boxes(rules(100, 160), pieces) == [(50, 100, 300, 160)]


def test_tables_and_open_boxes_are_none() -> None:
    assert ruled_boxes(rules(100, 160), posts(50)) == []
    assert ruled_boxes(rules(100, 160), posts(50, 300, bottom=120)) == []
    assert ruled_boxes(rules(100, 160), posts(50, 180, 300)) == []  # two columns
    assert ruled_boxes(rules(100, 130, 160), posts(50, 300)) == []  # two rows


def test_a_listing_in_a_ruled_box_is_whole_over_high_blank_lines(
    tmp_path: Path, read: Callable[[Path], Parsed]
) -> None:
    """An empty paragraph of a word processor is as high as its text, not as its code."""
    canvas = Canvas(str(tmp_path / "book.pdf"), pagesize=A5, invariant=True)
    one, two = SESSION.split("\n")[:2], SESSION.split("\n")[2:]
    for seed in range(6):
        canvas.setFont("Times-Roman", 10.5)
        for n in range(5):
            canvas.drawString(50, 540 - 14 * n, " ".join(paragraph(5 * seed + n, 9).split()))
        top, y = 450, 440
        for lines in (one, two):
            for line in lines:
                canvas.setFont("Courier", 9)
                canvas.drawString(56, y, line)
                y -= 11
            y -= 15.4
        for x0, y0, x1, y1 in ((50, top, 370, top), (50, y, 370, y), (50, y, 50, top),
                               (370, y, 370, top)):  # fmt: skip
            canvas.line(x0, y0, x1, y1)
        canvas.showPage()
    canvas.save()
    found = [b.text for b in read(tmp_path / "book.pdf").blocks if b.kind in CODE_KINDS]
    assert found == ["\n".join([*one, "", *two])] * 6
