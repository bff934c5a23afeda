"""PDFs that programs write themselves: reportlab and fpdf2, with the fonts that every viewer has.

Used by ``_houses.py``. Records are ASCII: those fonts have nothing else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from _typeset import lift_of

__all__ = ["fpdf", "reportlab"]

Record = dict[str, Any]
_COLUMNS = 92  # of code on a row: longer lines are printed as they are, smaller


def reportlab(records: list[Record], path: Path) -> str | None:
    """Headings, paragraphs and shaded code by platypus; page numbers by the canvas."""
    try:
        from reportlab.lib import colors, pagesizes, styles
        from reportlab.platypus import PageBreak, Paragraph, Preformatted, SimpleDocTemplate
    except ImportError:
        return "reportlab is not installed"
    sheet = styles.getSampleStyleSheet()
    code = styles.ParagraphStyle(
        "listing", parent=sheet["Code"], fontSize=7, leading=8.6, leftIndent=6,
        backColor=colors.whitesmoke, borderPadding=4, spaceBefore=6, spaceAfter=8,
    )  # fmt: skip
    text = sheet["BodyText"]
    flow: list[Any] = []
    lift = lift_of(records)
    for record in records:
        body = str(record.get("text") or "")
        if record["kind"] == "heading":
            level = max(1, min(6, int(record["level"]) + lift))
            flow += [PageBreak()] if level == 1 and flow else []
            flow.append(Paragraph(escape(body), sheet[f"Heading{level}"]))
        elif record["kind"] == "code":
            wide = max(map(len, body.split("\n")))
            small = min(7.0, 7.0 * _COLUMNS / max(1, wide))
            style = styles.ParagraphStyle("fit", parent=code, fontSize=small, leading=1.23 * small)
            flow.append(Preformatted(body.expandtabs(8), style if small < 6 else code))
        elif record["kind"] == "prose":
            bullet = "\u2022" if record.get("role") == "li" else None
            flow.append(Paragraph(escape(body), text, bulletText=bullet))

    def edge(canvas: Any, document: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(56, 815, "A Shelf of Programs")
        canvas.drawRightString(540, 30, f"Page {document.page}")

    document = SimpleDocTemplate(str(path), pagesize=pagesizes.A4)
    document.build(flow, onFirstPage=edge, onLaterPages=edge)
    return None


def fpdf(records: list[Record], path: Path) -> str | None:
    """A cell for each row of code, with its own ground; the program breaks long rows."""
    try:
        from fpdf import FPDF
    except ImportError:
        return "fpdf2 is not installed"

    class Book(FPDF):
        def header(self) -> None:
            self.set_font("Times", "I", 9)
            self.cell(0, 5, "A Shelf of Programs", align="R", new_x="LMARGIN", new_y="NEXT")
            self.ln(3)

        def footer(self) -> None:
            self.set_y(-14)
            self.set_font("Times", "", 9)
            self.cell(0, 5, f"{self.page_no()}", align="C")

    book = Book(format="letter")
    book.set_margins(22, 16)
    book.add_page()
    book.set_fill_color(238)
    lift = lift_of(records)
    for record in records:
        body = str(record.get("text") or "")
        if record["kind"] == "heading":
            level = max(1, min(6, int(record["level"]) + lift))
            book.ln(4)
            book.set_font("Times", "B", (22, 17, 14, 12, 11, 10)[level - 1])
            book.multi_cell(0, 9 - level, body, align="L", new_x="LMARGIN", new_y="NEXT")
            book.ln(2)
        elif record["kind"] == "code":
            book.set_font("Courier", "", 8)
            for row in body.expandtabs(8).split("\n"):
                book.multi_cell(
                    0, 3.9, row or " ", fill=True, align="L", new_x="LMARGIN", new_y="NEXT"
                )
            book.ln(3)
        elif record["kind"] == "prose":
            book.set_font("Times", "", 11)
            mark = "- " if record.get("role") == "li" else ""
            book.multi_cell(0, 5, mark + body, new_x="LMARGIN", new_y="NEXT")
            book.ln(2)
    book.output(str(path))
    return None
