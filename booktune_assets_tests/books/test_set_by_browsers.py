"""Pages as browsers and small typesetters print them: labels, terms, captions, points of links."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from booktune_assets.books.blocks import Block, Parsed, Place
from booktune_assets.books.links import Hit, _target  # pyright: ignore[reportPrivateUsage]
from booktune_assets_tests.books.makers import PAGE, paragraph

Read = Callable[[Path], Parsed]
LEFT = 50.0


class Sheet:
    """Rows from the top down, each in the font that is asked for."""

    def __init__(self, path: Path) -> None:
        self.canvas = Canvas(str(path), pagesize=PAGE, invariant=True)
        self.y = PAGE[1] - 60

    def row(self, text: str, font: str = "Times-Roman", size: float = 10.0, *,
            x: float = LEFT, gap: float = 13.0) -> None:  # fmt: skip
        """One row."""
        self.y -= gap
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, self.y, text)

    def prose(self, seed: int) -> None:
        """A paragraph with air above."""
        self.y -= 8
        words = paragraph(seed, 60).split()
        for at in range(0, len(words), 11):
            self.row(" ".join(words[at : at + 11]))

    def turn(self) -> None:
        """The next page."""
        self.canvas.showPage()
        self.y = PAGE[1] - 60


def heads(parsed: Parsed) -> list[tuple[str | None, str]]:
    return [(one.number, one.text) for one in parsed.blocks if one.kind == "heading"]


def test_the_end_of_a_paragraph_numbers_no_title(tmp_path: Path, read: Read) -> None:
    sheet = Sheet(tmp_path / "a.pdf")
    for number in (1, 2):
        sheet.row(f"{number} Tides and Boats {number}", "Helvetica-Bold", 20, gap=20)
        sheet.prose(number)
        sheet.y -= 8
        sheet.row("For strategies turn back to Chapter 2, Table 1.1 of this book and")
        sheet.row("Appendix B.")
        sheet.row(f"{number}.1 Summary", "Helvetica-Bold", 14, gap=24)
        sheet.prose(number + 5)
        sheet.turn()
    sheet.canvas.save()
    parsed = read(tmp_path / "a.pdf")
    assert heads(parsed) == [
        ("1", "Tides and Boats 1"), ("1.1", "Summary"),
        ("2", "Tides and Boats 2"), ("2.1", "Summary"),
    ]  # fmt: skip
    assert any(one.text.endswith("book and Appendix B.") for one in parsed.blocks)


def test_small_lone_numbers_over_titles_count_chapters(tmp_path: Path, read: Read) -> None:
    sheet = Sheet(tmp_path / "a.pdf")
    for number, title in enumerate(("Tides", "Boats", "Lamps"), start=1):
        sheet.row(str(number), "Helvetica", 15)
        sheet.row(title, "Times-Bold", 24, gap=30)
        for more in (10, 20, 30):
            sheet.prose(number + more)
            sheet.prose(number + more + 5)
            sheet.turn()
    sheet.canvas.save()
    assert heads(read(tmp_path / "a.pdf")) == [("1", "Tides"), ("2", "Boats"), ("3", "Lamps")]


def test_terms_and_what_they_mean_are_paragraphs(tmp_path: Path, read: Read) -> None:
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.row("Glossary", "Helvetica-Bold", 20, gap=20)
    sheet.prose(1)
    sheet.y -= 8
    for term, said in (("berth", "A place where a boat lies."), ("lamp", "A light at sea.")):
        sheet.row(term)
        sheet.row(said, x=LEFT + 30)
    sheet.turn()
    sheet.canvas.save()
    texts = [one.text for one in read(tmp_path / "a.pdf").blocks][-4:]
    assert texts == ["berth", "A place where a boat lies.", "lamp", "A light at sea."]


def test_a_sentence_about_a_figure_is_no_caption(tmp_path: Path, read: Read) -> None:
    sheet = Sheet(tmp_path / "a.pdf")
    sheet.row("Boats", "Helvetica-Bold", 20, gap=20)
    sheet.prose(1)
    sheet.y -= 8
    sheet.row("Figure 1 shows a boat that lies in the harbour at night, with its lamps lit, and")
    sheet.row("a keeper who sits on the pier beside it.")
    sheet.y -= 100
    sheet.canvas.rect(LEFT, sheet.y, 160, 90, fill=1)
    sheet.canvas.line(LEFT + 20, sheet.y + 20, LEFT + 90, sheet.y + 70)
    sheet.row("Figure 1. A boat at night")
    sheet.prose(3)
    sheet.canvas.save()
    found = {one.text[:14]: one.kind for one in read(tmp_path / "a.pdf").blocks}
    assert (found["Figure 1 shows"], found["Figure 1. A bo"]) == ("prose", "caption")


def test_a_point_in_the_midst_of_a_paragraph_means_the_title_below() -> None:
    def block(kind: str, top: float, bottom: float) -> Block:
        return Block(kind, "x", places=[Place(0, 1, page=1, box=(50.0, top, 300.0, bottom))])

    blocks = [block("prose", 100, 200), block("heading", 240, 260), block("prose", 270, 400)]
    stands = {1: [(n, one.places[0]) for n, one in enumerate(blocks)]}

    def leads(y: float) -> int | None:
        return _target(Hit((0, 0, 9, 9), "#x", internal=True, page=1, x=6.0, y=y), stands, blocks)

    assert [leads(y) for y in (98.0, 110.0, 190.0, 238.0, 330.0)] == [0, 0, 1, 1, 2]
