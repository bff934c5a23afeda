"""Small real books for the tests: PDFs drawn with reportlab, EPUB archives written by hand."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas

from booktune_assets.ids import stable_int

PAGE = A5
LEFT, TOP, FLOOR = 50.0, 60.0, 60.0
CODE, BODY = ("Courier", 9.0, 11.0), ("Times-Roman", 10.5, 14.0)

MODULE = """defmodule Tide do
  @moduledoc false

  def high?(level) when level > 3 do
    true
  end

  def high?(_level), do: false
end"""
SESSION = """iex> Tide.high?(4)
true
iex> Enum.map([1, 2], fn x -> x * 2 end)
[2, 4]"""
ERLANG = """-module(tide).
-export([high/1]).

high(Level) when Level > 3 ->
    true;
high(_Level) ->
    false."""


@dataclass
class PdfMaker:
    """Writes pages from the top down: headings, justified-looking prose, code in grey boxes."""

    path: Path
    title: str = "A Small Harbour"
    boxes: bool = True
    numbers: bool = False
    outline: bool = True
    head: bool = True
    canvas: Canvas = field(init=False)
    y: float = 0.0
    page: int = 1
    chapter: str = ""

    def __post_init__(self) -> None:
        self.canvas = Canvas(str(self.path), pagesize=PAGE, invariant=True)
        self.canvas.setTitle(self.title)
        self.y = PAGE[1] - TOP

    def heading(self, text: str, level: int) -> None:
        """A heading of level 1 begins a page."""
        if level == 1 and self.y < PAGE[1] - TOP:
            self.turn()
        if level == 1:
            self.chapter = text
        size = {1: 20, 2: 14}[level]
        self.y -= size + 10
        self.canvas.setFont("Helvetica-Bold", size)
        self.canvas.drawString(LEFT, self.y, text)
        if self.outline:
            key = f"h{self.page}-{self.y:.0f}"
            self.canvas.bookmarkHorizontal(key, LEFT, self.y + size)
            self.canvas.addOutlineEntry(text, key, level - 1)
        self.y -= 8

    def prose(self, text: str) -> None:
        """A paragraph, broken at words."""
        font, size, pitch = BODY
        line = ""
        for word in [*text.split(), ""]:
            wide = self.canvas.stringWidth(f"{line} {word}", font, size)
            if word and wide < PAGE[0] - 2 * LEFT:
                line = f"{line} {word}".strip()
                continue
            if self.y - pitch < FLOOR:
                self.turn()
            self.y -= pitch
            self.canvas.setFont(font, size)
            self.canvas.drawString(LEFT, self.y, line)
            line = word
        self.y -= 8

    def code(self, text: str) -> None:
        """A listing; its box is cut where the page ends."""
        font, size, pitch = CODE
        lines = text.split("\n")
        self.y -= 6
        first, count = True, 0
        while lines:
            room = int((self.y - FLOOR) / pitch)
            if room < 2:
                self.turn()
                continue
            part, lines = lines[:room], lines[room:]
            top = self.y + (6 if first else 0)
            bottom = self.y - len(part) * pitch - (0 if lines else 6)
            if self.boxes:
                self.canvas.setFillGray(0.93)
                self.canvas.rect(LEFT, bottom, PAGE[0] - 2 * LEFT, top - bottom, stroke=0, fill=1)
                self.canvas.setFillGray(0)
            for line in part:
                count += 1
                self.y -= pitch
                self.canvas.setFont(font, size)
                self._coloured(LEFT + 7, self.y + 3, line)
                if self.numbers and line:
                    self.canvas.setFont("Helvetica", 6)
                    self.canvas.drawRightString(LEFT - 6, self.y + 3, str(count))
            first = False
            if lines:
                self.turn()
        self.y -= 12

    def _coloured(self, x: float, y: float, line: str) -> None:
        """Words in changing colours, as a highlighter paints them."""
        wide = self.canvas.stringWidth("m", *CODE[:2])
        column = 0
        for number, word in enumerate(line.split(" ")):
            if word:
                self.canvas.setFillColorRGB(0.1 + 0.3 * (number % 3), 0.1, 0.3)
                self.canvas.drawString(x + column * wide, y, word)
            column += len(word) + 1
        self.canvas.setFillGray(0)

    def turn(self) -> None:
        """The next page."""
        if self.head:
            self.canvas.setFont("Helvetica", 8)
            self.canvas.drawString(LEFT, PAGE[1] - 34, self.chapter or self.title)
            self.canvas.drawRightString(PAGE[0] - LEFT, 30, f"Page {self.page}")
        self.canvas.showPage()
        self.page += 1
        self.y = PAGE[1] - TOP

    def save(self) -> Path:
        """The finished file."""
        self.turn()
        self.canvas.save()
        return self.path


_WORDS = (
    *("harbour", "tide", "process", "boat", "level", "water", "pier", "morning", "lamp", "signal"),
    *("berth", "keeper", "rope", "anchor", "fog", "message", "mailbox", "answer", "chart"),
    *("watch", "supervisor", "child", "restart", "order", "sailor", "crew", "cargo", "engine"),
)


def paragraph(seed: int, words: int = 41) -> str:
    """Words in an order of their own: real books do not repeat their lines."""
    picked = [_WORDS[stable_int(f"{seed} {n}") % len(_WORDS)] for n in range(words)]
    return f"{' '.join(picked).capitalize()} {seed}."


def harbour(path: Path, **options: bool) -> Path:
    """A book of three chapters with listings that run over page breaks."""
    book = PdfMaker(path, **options)
    for number, name in enumerate(("Tides", "Boats", "Lamps"), start=1):
        book.heading(f"{number} {name}", 1)
        for turn in range(4):
            book.heading(f"{number}.{turn + 1} Part {'abcd'[turn]} of {name}", 2)
            book.prose(paragraph(10 * number + turn))
            book.code(MODULE.replace("Tide", f"{name}{turn}"))
            more = paragraph(50 + 10 * number + turn)
            book.prose(f"In section {number}.{turn + 1} the shell shows what happens. {more}")
            book.code(SESSION.replace("Tide", f"{name}{turn}"))
            book.prose(paragraph(90 + 10 * number + turn, 9))
    return book.save()


def harbour_code() -> list[str]:
    """The listings of :func:`harbour`, in order."""
    return [
        text.replace("Tide", f"{name}{turn}")
        for name in ("Tides", "Boats", "Lamps") for turn in range(4) for text in (MODULE, SESSION)
    ]  # fmt: skip


CONTAINER = (
    '<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" '
    'version="1.0"><rootfiles><rootfile full-path="OEBPS/book.opf" '
    'media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def epub(
    path: Path,
    pages: dict[str, str | bytes],
    *,
    stamp: int = 1990,
    extra: dict[str, str] | None = None,
    manifest: str = "",
    guide: str = "",
) -> Path:
    """An EPUB with these spine documents; a body is wrapped into a page, bytes are kept.

    ``manifest`` and ``guide`` are more elements for the package, ``extra`` more files.
    """
    items = manifest + "".join(
        f'<item id="i{n}" href="{name}" media-type="application/xhtml+xml"/>'
        for n, name in enumerate(pages)
    )
    spine = "".join(f'<itemref idref="i{n}"/>' for n in range(len(pages)))
    opf = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A Small Book</dc:title>'
        "<dc:creator>Ann Author</dc:creator><dc:language>en</dc:language></metadata>"
        f"<manifest>{items}</manifest><spine>{spine}</spine>"
        f"<guide>{guide}</guide></package>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:

        def put(name: str, data: str | bytes) -> None:
            archive.writestr(zipfile.ZipInfo(name, (stamp, 1, 1, 0, 0, 0)), data)

        put("mimetype", "application/epub+zip")
        put("META-INF/container.xml", CONTAINER)
        put("OEBPS/book.opf", opf)
        for name, body in pages.items():
            put(f"OEBPS/{name}", body if isinstance(body, bytes) else page(body))
        for name, data in (extra or {}).items():
            put(name, data)
    return path


def page(body: str) -> str:
    """A whole XHTML page."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml">'
        f"<head><title>t</title></head><body>{body}</body></html>"
    )
