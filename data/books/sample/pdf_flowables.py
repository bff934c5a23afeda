"""The two drawn parts of the PDF: boxes of coloured code and figures made from SVG."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from lxml import etree
from pygments.lexers import get_lexer_by_name
from pygments.token import (
    Comment,
    Generic,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    _TokenType,
)
from reportlab.lib.colors import Color, HexColor
from reportlab.pdfbase import pdfmetrics
from reportlab.platypus import Flowable, FrameBreak

INK = HexColor("#1a202c")
Row = list[tuple[_TokenType, str]]
LEXERS = {"elixir": "elixir", "iex": "elixir", "erlang": "erlang", "erl": "erlang", "text": "text"}
PROMPT = re.compile(r"^(iex>|\.\.\.>|\d+>) ?")
MONO, MONO_BOLD = "UbuntuMono", "UbuntuMono-Bold"
TINTS = {  # background and rule of each kind of code
    "elixir": (HexColor("#f3f5f9"), HexColor("#2b4a6f")),
    "erlang": (HexColor("#f8f3f4"), HexColor("#a02a4a")),
    "iex": (HexColor("#f8f5ec"), HexColor("#b08a3a")),
    "erl": (HexColor("#f8f5ec"), HexColor("#a02a4a")),
    "text": (HexColor("#f1f1f1"), HexColor("#9aa0a8")),
}
COLOURS: list[tuple[_TokenType, Color]] = [
    (Comment, HexColor("#6b7280")),
    (Generic.Prompt, HexColor("#9a7a2a")),
    (Generic.Error, HexColor("#b02020")),
    (Generic.Traceback, HexColor("#b02020")),
    (Keyword, HexColor("#1f4fa0")),
    (String.Symbol, HexColor("#0f766e")),
    (String, HexColor("#2f6f2f")),
    (Number, HexColor("#8a3ea0")),
    (Name.Class, HexColor("#8c3b10")),
    (Name.Namespace, HexColor("#8c3b10")),
    (Name.Entity, HexColor("#8c3b10")),
    (Operator.Word, HexColor("#1f4fa0")),
    (Operator, HexColor("#4a5568")),
    (Punctuation, HexColor("#4a5568")),
]


class CodeBox(Flowable):
    """Coloured code in a tinted box that may run over a page break."""

    SIZE, LEADING, PAD = 8.7, 10.15, 5.0
    FEWEST = 3  # lines that may stand alone on either side of a page break

    def __init__(self, rows: list[Row], language: str) -> None:
        super().__init__()
        self.rows, self.language = rows, language
        self.spaceAfter = 6.5
        self.spaceBefore = 1.0

    def wrap(self, avail_width: float, _avail_height: float) -> tuple[float, float]:
        """The size of the box."""
        self.box_width = avail_width
        return avail_width, len(self.rows) * self.LEADING + 2 * self.PAD

    def split(self, _avail_width: float, avail_height: float) -> list[Flowable]:
        """Cuts the box in two, preferably at an empty line."""
        fit = int((avail_height - 2 * self.PAD) / self.LEADING)
        fit = min(fit, len(self.rows) - self.FEWEST)
        if fit < self.FEWEST:
            return []
        gap = next((n for n in range(fit, self.FEWEST, -1) if not _row_text(self.rows[n - 1])), fit)
        cut = gap if fit - gap <= 4 else fit
        first, rest = self.rows[:cut], self.rows[cut:]
        # Without the break a rest after a gap might still find room on the same page.
        return [CodeBox(first, self.language), FrameBreak(), CodeBox(rest, self.language)]

    def draw(self) -> None:
        """Draws the box and its lines."""
        fill, rule = TINTS[self.language]
        height = len(self.rows) * self.LEADING + 2 * self.PAD
        self.canv.setFillColor(fill)
        self.canv.rect(0, 0, self.box_width, height, stroke=0, fill=1)
        self.canv.setFillColor(rule)
        self.canv.rect(0, 0, 2.2, height, stroke=0, fill=1)
        baseline = height - self.PAD - self.SIZE + 0.8
        for row in self.rows:
            if _row_text(row):
                self._draw_row(row, baseline)
            baseline -= self.LEADING

    def _draw_row(self, row: Row, baseline: float) -> None:
        text = self.canv.beginText(10, baseline)
        for kind, value in row:
            text.setFont(MONO_BOLD if kind in Keyword else MONO, self.SIZE)
            text.setFillColor(colour_of(kind))
            text.textOut(value)
        width = pdfmetrics.stringWidth(_row_text(row), MONO, self.SIZE)
        if width > self.box_width - 14:
            raise ValueError(f"too long for the box: {_row_text(row)}")
        self.canv.drawText(text)


def _row_text(row: Row) -> str:
    return "".join(value for _, value in row).rstrip()


def colour_of(kind: _TokenType) -> Color:
    """The colour of a token."""
    return next((colour for parent, colour in COLOURS if kind in parent), INK)


def code_rows(text: str, language: str) -> list[Row]:
    """Splits code into rows of coloured tokens."""
    lexer = get_lexer_by_name(LEXERS[language], stripnl=False, ensurenl=False)
    if language in ("iex", "erl"):
        return [_session_row(line, lexer) for line in text.rstrip("\n").split("\n")]
    rows: list[Row] = [[]]
    for kind, value in lexer.get_tokens(text.rstrip("\n")):
        for number, part in enumerate(value.split("\n")):
            if number:
                rows.append([])
            if part:
                rows[-1].append((kind, part))
    return rows


def _session_row(line: str, lexer: Any) -> Row:
    """A line of a shell session: a prompt with code, an error, or a value."""
    if line.startswith("** ") or line.startswith("    ** "):
        return [(Generic.Error, line)]
    prompt = PROMPT.match(line)
    start = prompt.end() if prompt else 0
    tokens = [(kind, value) for kind, value in lexer.get_tokens(line[start:]) if value != "\n"]
    return [(Generic.Prompt, line[:start]), *tokens] if prompt else tokens


class SvgFigure(Flowable):
    """Draws the small part of SVG that our figures use: lines, boxes and text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.root = etree.parse(str(path)).getroot()
        _, _, self.box_width, self.box_height = map(float, self.root.get("viewBox").split())
        self.hAlign = "CENTER"

    def wrap(self, _avail_width: float, _avail_height: float) -> tuple[float, float]:
        """The size of the figure with some air below it."""
        return self.box_width, self.box_height + 6

    def draw(self) -> None:
        """Draws the elements in the order of the file; SVG counts from the top."""
        for element in self.root:
            name = etree.QName(element).localname
            if name != "title":
                getattr(self, f"_draw_{name}")(element)

    def _number(self, element: Any, name: str) -> float:
        return float(element.get(name, "0"))

    def _draw_line(self, element: Any) -> None:
        self.canv.setStrokeColor(HexColor(element.get("stroke")))
        self.canv.setLineWidth(self._number(element, "stroke-width"))
        x1, y1, x2, y2 = (self._number(element, name) for name in ("x1", "y1", "x2", "y2"))
        self.canv.line(x1, self.box_height - y1, x2, self.box_height - y2)

    def _draw_rect(self, element: Any) -> None:
        self.canv.setStrokeColor(HexColor(element.get("stroke")))
        self.canv.setFillColor(HexColor(element.get("fill")))
        self.canv.setLineWidth(self._number(element, "stroke-width"))
        x, y, width, height = (self._number(element, n) for n in ("x", "y", "width", "height"))
        self.canv.rect(x, self.box_height - y - height, width, height, fill=1)

    def _draw_text(self, element: Any) -> None:
        font = MONO if element.get("font-family") == "monospace" else "Serif-Italic"
        self.canv.setFont(font, self._number(element, "font-size"))
        self.canv.setFillColor(HexColor(element.get("fill")))
        x = self._number(element, "x") + self._number(element, "dx")
        y = self.box_height - self._number(element, "y")
        centred = element.get("text-anchor") == "middle"
        (self.canv.drawCentredString if centred else self.canv.drawString)(x, y, element.text)
