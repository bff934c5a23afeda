"""PDFs with figures, tables and scans, drawn for the tests."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageDraw
from reportlab.lib.utils import ImageReader

from booktune_assets_tests.books.makers import LEFT, PAGE, PdfMaker


def picture(size: tuple[int, int], colour: str = "steelblue", form: str = "PNG") -> bytes:
    """A small image with something on it."""
    image = Image.new("RGB", size, colour)
    ImageDraw.Draw(image).ellipse((size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2), "white")
    out = io.BytesIO()
    image.save(out, form)
    return out.getvalue()


def place_image(book: PdfMaker, data: bytes, width: float, height: float) -> None:
    """An image in the flow of the text."""
    if book.y - height < 70:
        book.turn()
    book.y -= height + 8
    book.canvas.drawImage(ImageReader(io.BytesIO(data)), LEFT + 40, book.y, width, height)
    book.y -= 6


def place_tree(book: PdfMaker, names: list[str]) -> None:
    """A supervision tree: boxes in a row under one box, joined by arrows; labels in Helvetica."""
    if book.y < 260:
        book.turn()
    canvas, top = book.canvas, book.y - 14
    wide, middle = 74.0, PAGE[0] / 2
    canvas.setFont("Helvetica", 8)
    canvas.setLineWidth(0.8)
    canvas.roundRect(middle - 50, top - 26, 100, 26, 5)
    canvas.drawCentredString(middle, top - 16, names[0])
    for number, name in enumerate(names[1:]):
        x = LEFT + 10 + number * (wide + 22)
        canvas.rect(x, top - 96, wide, 24)
        canvas.drawCentredString(x + wide / 2, top - 87, name)
        canvas.line(middle, top - 26, x + wide / 2, top - 72)
    book.y = top - 104


def caption(book: PdfMaker, text: str) -> None:
    """A line under a figure."""
    book.y -= 12
    book.canvas.setFont("Times-Italic", 9)
    book.canvas.drawString(LEFT + 20, book.y, text)
    book.y -= 14


def illustrated(path: Path) -> Path:
    """Two chapters: a drawing with caption and references, an image without, a logo everywhere."""
    book = _Branded(path)
    book.heading("1 Harbours", 1)
    book.prose(
        "A harbour is kept by a supervisor. Figure 1.1 shows how its children are arranged "
        "below it, and the text that follows says why that order matters to boats at sea."
    )
    book.code("def start_link(arg) do\n  Supervisor.start_link(__MODULE__, arg)\nend")
    place_tree(book, ["Harbour.Sup", "Log", "Berths", "Watch"])
    caption(book, "Figure 1.1 The supervision tree of the harbour")
    book.prose(
        "The children are started from left to right. When one of them stops, the ones to "
        "the right of it are started again, as the strategy of the supervisor demands it."
    )
    book.heading("2 Boats", 1)
    book.prose(
        "Boats come in every shape. The picture below was taken on a calm day in summer, "
        "and shows what the lamp of the pier looks like to a sailor who comes in at night."
    )
    place_image(book, picture((400, 200)), 200, 100)
    book.prose(
        "Compare it with the tree of figure 1.1: a lamp that goes out is started again too, "
        "and nobody at sea is to know that it was dark for the blink of an eye at most."
    )
    book.code('iex> Boat.name(:petrel)\n"Petrel"')
    for turn in range(3):
        book.turn()
        book.prose(f"More words about boat number {turn} and about the harbour that it came from.")
        book.prose("They fill a page so that what stands at its edge is seen to stand there again.")
    return book.save()


class _Branded(PdfMaker):
    """Every page has the same logo at its top."""

    def turn(self) -> None:
        logo = ImageReader(io.BytesIO(picture((120, 60), "firebrick")))
        self.canvas.drawImage(logo, PAGE[0] - LEFT - 60, PAGE[1] - 48, 60, 34)
        super().turn()
