"""The layouts of ``_sidebars.py`` made by a word processor or out of other PDFs."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from _houses_text import _missing
from _presses import run_for
from _typeset import STYLES, render

__all__ = ["boxes_of_word", "marked_pages"]

Record = dict[str, Any]
_WORD = """
import json
from docx import Document
from docx.shared import Pt, Mm
from docx.oxml.ns import qn
from docx.oxml import OxmlElement

def shade(holder, colour):
    made = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        made.set(qn("w:" + key), value)
    holder.append(made)

book = Document()
part = book.sections[0]
part.page_width, part.page_height = Mm(170), Mm(240)
part.left_margin = part.right_margin = Mm(22)
part.header.paragraphs[0].text = "A Shelf of Programs\\tHarbour Press"
style = book.styles.add_style("Listing", 1)
style.font.name, style.font.size = "Cousine", Pt(7.5)
style.paragraph_format.space_after = Pt(0)
style.paragraph_format.space_before = Pt(0)
shade(style.element.get_or_add_pPr(), "F2F2F2")
border = OxmlElement("w:pBdr")
left = OxmlElement("w:left")
for key, value in (("val", "single"), ("sz", "18"), ("space", "6"), ("color", "4477AA")):
    left.set(qn("w:" + key), value)
border.append(left)
style.element.get_or_add_pPr().insert(0, border)

def put(holder, row):
    if row["kind"] == "code":
        for line in row["text"].split("\\n"):
            holder.add_paragraph(line, style="Listing")
        holder.add_paragraph().paragraph_format.space_after = Pt(2)
    elif row.get("role") == "li":
        holder.add_paragraph(" ".join(row["text"].split()), style="List Bullet")
    else:
        made = holder.add_paragraph()
        made.add_run(" ".join(row["text"].split())).bold = row.get("role") == "aside-title"

cell, last = None, 0
for row in json.load(open("book.json")):
    number = row.get("aside") or 0
    if number and number != last:
        table = book.add_table(1, 2)
        table.autofit = False
        table.rows[0].cells[0].width, table.rows[0].cells[1].width = Mm(16), Mm(110)
        table.rows[0].cells[0].paragraphs[0].add_run("\\u270e").font.size = Pt(24)
        cell = table.rows[0].cells[1]
        for one in table.rows[0].cells:
            shade(one._tc.get_or_add_tcPr(), "E8F0E0")
    elif last and not number:
        book.add_paragraph()
    last = number
    if row["kind"] == "heading":
        book.add_heading(row["text"], max(1, min(int(row["level"]), 6)))
    else:
        put(cell if number else book, row)
book.save("book.docx")
"""


def boxes_of_word(records: list[Record], path: Path) -> str | None:
    """A paragraph for each row of code, with ground and bar; notes in tables of two cells."""
    if why := _missing("soffice"):
        return why
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "book.json").write_text(json.dumps(records))
        done = subprocess.run(
            [sys.executable, "-c", _WORD], cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            return done.stderr.strip()[-100:]
        command = ["soffice", "--headless", "--convert-to", "pdf", "book.docx"]
        return run_for(command, Path(folder), Path(folder, "book.pdf"), path)


def marked_pages(records: list[Record], path: Path) -> str | None:
    """A buyer's copy: watermark, licence lines, thumb tabs; pages are kept turned in the file."""
    import pymupdf

    small = path.with_suffix(".pages.pdf")
    if why := render(records, STYLES["fonts"], small):
        return why
    with pymupdf.open(small) as pages, pymupdf.open() as made:
        for number in range(pages.page_count):
            inner = pages[number].rect
            page: Any = made.new_page(width=inner.height, height=inner.width)
            page.show_pdf_page(page.rect, pages, number, rotate=90)
            page.set_rotation(90)
            wide, high = page.rect.width, page.rect.height

            def put(
                x: float, y: float, text: str, size: float, turn: int, page: Any = page
            ) -> None:
                place = pymupdf.Point(x, y) * page.derotation_matrix
                page.insert_text(place, text, fontsize=size, fontname="helv",
                                 color=(0.6, 0.6, 0.6), rotate=(turn + 90) % 360)  # fmt: skip

            put(40, high - 14, "Licensed to Ada Reader <ada@harbour.example>", 7, 0)
            put(wide - 10, 120 + 40 * (number // 20 % 8), f"Part {1 + number // 20}", 10, 90)
            mark = pymupdf.Point(wide / 4, high / 2) * page.derotation_matrix
            page.insert_text(mark, "ada@harbour.example", fontsize=40, fontname="helv",
                             color=(0.9, 0.9, 0.9), rotate=90,
                             morph=(mark, pymupdf.Matrix(-45)))  # fmt: skip
        made.save(path, garbage=3, deflate=True)
    return None
