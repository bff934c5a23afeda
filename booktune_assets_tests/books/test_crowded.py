"""Pages that hold thousands of shapes, words or links: the work grows with them, not with products.

What is counted is how often something is asked, not how long it takes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from booktune_assets.books import advice, listing, lit, rows, unseen
from booktune_assets.books.blocks import Parsed
from booktune_assets.books.glyphs import Box, PageDrawn, draw_page
from booktune_assets.books.indexpages import is_index
from booktune_assets.books.listing import Listing
from booktune_assets.books.rows import Row

Read = Callable[[Path], Parsed]
Count = Callable[[Any, str], Counter[str]]


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> Count:
    """Count the calls of a function from now on."""

    def counted(home: Any, name: str) -> Counter[str]:
        calls, whole = Counter[str](), getattr(home, name)

        def call(*args: Any, **named: Any) -> Any:
            calls[name] += 1
            return whole(*args, **named)

        monkeypatch.setattr(home, name, call)
        return calls

    return counted


def code(count: int) -> list[Row]:
    return [
        Row(1, [], 100 + 3 * n, (50, 97 + 3 * n, 150, 101 + 3 * n), "x", 3, "Mono", False, True)
        for n in range(count)
    ]


def nested(count: int) -> list[Box]:
    """Boxes, each in the one before, and all around the same rows."""
    return [
        Box((40 + n / 99, 90 + n, 300 - n / 99, 4_000 - 3 * n), filled=True, white=False)
        for n in range(count)
    ]


def test_boxes_within_boxes_are_not_compared_with_all_rows_again(count: Count) -> None:
    boxes, rows = nested(250), code(600)
    compared, held = count(lit, "_around"), count(lit, "_within")
    lit.without_grounds(boxes, rows)
    assert compared.total() <= 3 * len(boxes) ** 2
    assert held.total() <= 3 * len(boxes) * len(rows)


def test_more_boxes_than_a_page_of_text_holds_are_left_as_they_are(count: Count) -> None:
    boxes = nested(1_200)
    compared = count(lit, "_around")
    assert lit.without_grounds(boxes, code(50)) == boxes
    assert not compared


def test_grounds_of_a_drawing_are_not_looked_at_beside_each_other() -> None:
    boxes = nested(200)
    assert rows._seen(boxes, 10) == boxes[:1], "of few, what lies in a higher one is not seen"
    crowded = nested(1_200)
    assert rows._seen(crowded, 10) == crowded


def sheet(words: int, draw: Callable[[Any, int], None], shapes: int) -> PageDrawn:
    """A page of single words with shapes between them."""
    with pymupdf.open() as document:
        page = document.new_page(width=800, height=1_000)
        writer = pymupdf.TextWriter(page.rect)
        for n in range(words):
            writer.append((20 + 40 * (n % 19), 20 + 9 * (n // 19)), f"w{n}", fontsize=4)
        writer.write_text(page)
        shape = page.new_shape()
        for n in range(shapes):
            draw(shape, n)
            shape.finish(fill=(0.2, 0.4, 0.6), color=None)
        shape.commit()
        return draw_page(document.reload_page(page), 1)


def dot(shape: Any, n: int) -> None:
    shape.draw_rect(
        (20 + 7 * (n % 100), 20 + 9 * (n // 100), 23 + 7 * (n % 100), 23 + 9 * (n // 100))
    )


def ground(shape: Any, n: int) -> None:
    x, y = 20 + 9 * (n % 60), 20 + 9 * (n // 60)
    shape.draw_rect((x, y, x + 90, y + 20))


@pytest.mark.parametrize(("draw", "kind"), [(dot, "dots"), (ground, "boxes")])
def test_shapes_of_a_crowded_page_are_a_drawing_and_those_of_another_are_not(
    draw: Callable[[Any, int], None], kind: str
) -> None:
    assert len(getattr(sheet(40, draw, 50), kind)) == 50
    crowded = sheet(1_500, draw, 2_000)
    assert getattr(crowded, kind) == [] and crowded.lines


def test_the_language_of_a_listing_is_asked_once_for_a_text(count: Count) -> None:
    asked = count(listing, "classify")
    made = Listing([], ["def tide(level) do", "end"])
    assert {made.lang for _ in range(50)} == {"elixir"}
    assert asked.total() == 1
    made.texts = ["-module(tide).", "tide(Level) -> Level."]
    assert made.lang == "erlang"


def pale(path: Path, words: int) -> Path:
    """A page of black words with so many white ones between them, some on a dark box."""
    with pymupdf.open() as document:
        page = document.new_page(width=420, height=600)
        page.draw_rect((30, 500, 390, 560), color=None, fill=(0, 0, 0.2))
        page.insert_text((40, 530), "light words on a dark ground", color=(1, 1, 1))
        for n in range(words):
            at = 40 + 70 * (n % 5), 40 + 9 * (n // 5)
            page.insert_text(at, f"secret {n}", fontsize=6, color=(1, 1, 1))
        page.insert_text((40, 580), "The keeper counts the boats in the harbour each morning.")
        document.save(path)
    return path


@pytest.mark.parametrize(("words", "drawn"), [(20, 20), (200, 1)])
def test_many_words_that_nobody_sees_take_one_look(
    tmp_path: Path, read: Read, count: Count, words: int, drawn: int
) -> None:
    looks = count(pymupdf.Page, "get_pixmap")
    judged = count(unseen, "_is_even")
    parsed = read(pale(tmp_path / "p.pdf", words))
    text = " ".join(block.text for block in parsed.blocks)
    assert "secret" not in text and "light words on a dark ground" in text
    assert (looks.total(), judged.total()) == (drawn, words)
    assert [(row.lost, row.doubled) for row in parsed.pages] == [(0, 0)]


def test_one_look_says_what_a_look_at_each_place_says(tmp_path: Path) -> None:
    with pymupdf.open(pale(tmp_path / "p.pdf", 30)) as document:
        page = document[0]
        whole = unseen._sheet(page, PageDrawn(1, 420, 600))
        spots = [(x, y, x + 37.5, y + 7.3) for x in range(-30, 450, 31) for y in range(-9, 620, 11)]
        found = [unseen._is_even(page, spot, whole) for spot in spots]
        assert found == [unseen._is_even(page, spot) for spot in spots]
        assert {True, False} == set(found)


def test_a_page_of_labels_is_a_table(tmp_path: Path, read: Read, count: Count) -> None:
    canvas = Canvas(str(tmp_path / "n.pdf"), pagesize=(420, 4_000))
    for n in range(400):
        canvas.setFont("Helvetica-Bold", 6)
        canvas.drawString(40, 3_970 - 9 * n, "NOTE")
        canvas.setFont("Times-Roman", 6)
        canvas.drawString(90, 3_970 - 9 * n, f"the {n} boats are counted")
    canvas.save()
    looked = count(advice, "_block")
    parsed = read(tmp_path / "n.pdf")
    assert not looked and "NOTE" in "".join(block.text for block in parsed.blocks)
    assert [(row.lost, row.doubled) for row in parsed.pages] == [(0, 0)]


def test_links_of_a_page_are_listed_once(tmp_path: Path, count: Count) -> None:
    with pymupdf.open() as document:
        page = document.new_page(width=420, height=600)
        page.insert_text((40, 580), "The keeper counts the boats in the harbour each morning.")
        for n in range(120):
            spot = pymupdf.Rect(40, 4 * n, 90, 4 * n + 3)
            page.insert_link({"kind": 2, "from": spot, "uri": f"https://example.org/{n}"})
        document.save(tmp_path / "l.pdf")
    listed = count(pymupdf.Page, "annot_xrefs")
    with pymupdf.open(tmp_path / "l.pdf") as document:
        links = draw_page(document[0], 1).links
    assert [link.target for link in links] == [f"https://example.org/{n}" for n in range(120)]
    assert listed.total() < 10


def test_a_row_as_long_as_a_page_is_no_entry_of_an_index() -> None:
    entries = [
        f"{term} . . . . . {page}" for term, page in zip("abcdefgh", "73519264", strict=True)
    ]
    assert is_index(entries)
    assert not is_index([f"{'tide ' * 900}{entry}" for entry in entries])
