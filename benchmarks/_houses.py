"""Sets the records of a book as houses do that none of the other layouts shows.

Used by ``reading.py --stress``, after ``_imprints.py``: notes in the margin beside prose, drop
caps, bars beside code, numbers in a cell of their own, two columns and outer margins of Typst, PDFs
that programs write themselves (reportlab, fpdf2), manual pages, AsciiDoc with callouts, a word
processor's columns, sheets with two pages each, trimmed pages, PDFs that Ghostscript wrote again.
What is missing is said and left out. A font that is not installed falls back to another.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from _dressing import Dressing, dressed
from _houses_code import fpdf, reportlab
from _houses_text import asciidoc, manual, writer
from _houses_typst import columns_of_two, outer_notes
from _imprints import BASE, CHAPTER, CORNERS, Sheet, page_of
from _imprints_tex import set_tex
from _latex import fits, latex
from _presses import settled
from _typeset import STYLES, printed, render

__all__ = ["HOUSES", "house", "housed"]

Record = dict[str, Any]
Maker = Callable[[list[Record], Path], str | None]

_SHEETS = {
    # notes in a wide margin at the right, chapters in italics, no boxes, no outline
    "side-notes": Sheet(
        "@page{size:7in 10in;margin:20mm 62mm 20mm 18mm}" + BASE + CHAPTER
        + CORNERS % ("top", "counter(page) '   ' string(name)",
                     "top", "string(name) '   ' counter(page)")
        + "body{font:10pt/1.35 'Gentium',serif}h1,h2,h3{font-weight:normal;font-style:italic}"
        "h1{font-size:22pt}h2{font-size:15pt}h3{font-size:12pt}"
        "pre{font-size:6.3pt;white-space:pre-wrap;margin:6pt 0 6pt 10pt}"
        "code{font-size:8pt}"
        ".side{float:right;clear:right;width:44mm;margin-right:-50mm;font-size:7.5pt;"
        "line-height:1.25;text-indent:0}",
        outline=False),
    # drop caps, small capitals, a bar at the left of code, captions, titles in the middle
    "drop-caps": Sheet(
        "@page{size:6in 9in;margin:18mm 17mm;@bottom-center{content:counter(page)}}"
        + BASE + CHAPTER
        + CORNERS % ("top", "string(name)", "top", "'A Shelf of Programs'")
        + "body{font:9.6pt/1.3 'Crimson Text','DejaVu Serif',serif;text-align:justify;hyphens:auto}"
        "h1,h2,h3{text-align:center;font-family:'Cabin',sans-serif}h1{font-size:21pt}"
        "h2{font-size:14pt;font-variant:small-caps}"
        "p{margin:0;text-indent:11pt}h1+p{text-indent:0}"
        "h1+p::first-letter{float:left;font-size:34pt;line-height:28pt;padding-right:3pt}"
        "pre{hyphens:none;border-left:3pt solid #7a9;padding-left:8pt;font-size:6.6pt;"
        "white-space:pre-wrap}"
        "p.caption{font:bold 8pt 'Cabin',sans-serif;text-indent:0;margin:6pt 0 2pt}"
        "code{font-size:8pt}"),
    # as web pages print it: numbers in a cell of a table beside the cell of the code
    "numbers-cell": Sheet(
        "@page{size:A4;margin:16mm}" + BASE
        + "body{font:15px/1.5 'Lato','Open Sans',sans-serif}"
        "code{background:#eee;font-size:.85em}"
        "table.code{width:100%;border-collapse:collapse;background:#f5f2f0;margin:8px 0}"
        "table.code td{padding:4px 8px;vertical-align:top}"
        "table.code td.n{width:26px;text-align:right;color:#999;border-right:1px solid #ddd}"
        "table.code pre{font-size:11px;margin:0;line-height:1.4}"
        "div.note{border-left:4px solid #c90;padding:2px 12px}",
        engine="chromium", code="table", outline=False),
}  # fmt: skip


def _sheet(records: list[Record], path: Path, name: str) -> str | None:
    sheet = _SHEETS[name]
    return printed(page_of(records, sheet), sheet.engine, path)


def _tex(records: list[Record], path: Path, name: str) -> str | None:
    return set_tex(records, name, path)


def _two_up(records: list[Record], path: Path) -> str | None:
    """Two pages of a book on each sheet, as readers and copiers print them."""
    import pymupdf

    small = path.with_suffix(".pages.pdf")
    if why := render(records, STYLES["plain"], small):
        return why
    with pymupdf.open(small) as pages, pymupdf.open() as sheets:
        for number in range(0, pages.page_count, 2):
            page = pages[number].rect
            sheet: Any = sheets.new_page(width=2 * page.width, height=page.height)
            for side in range(min(2, pages.page_count - number)):
                left = side * page.width
                place = pymupdf.Rect(left, 0, left + page.width, page.height)
                sheet.show_pdf_page(place, pages, number + side)
        sheets.save(path, garbage=3, deflate=True)
    return None


def _trimmed(records: list[Record], path: Path) -> str | None:
    """A printer's file: marks and a slug line outside of the box that is shown."""
    import pymupdf

    small = path.with_suffix(".pages.pdf")
    if why := render(records, STYLES["tight"], small):
        return why
    edge = 40
    with pymupdf.open(small) as pages, pymupdf.open() as made:
        for number in range(pages.page_count):
            inner = pages[number].rect
            page: Any = made.new_page(width=inner.width + 2 * edge, height=inner.height + 2 * edge)
            box = pymupdf.Rect(edge, edge, edge + inner.width, edge + inner.height)
            page.show_pdf_page(box, pages, number)
            for x in (box.x0, box.x1):
                page.draw_line((x, 4), (x, edge - 8), width=0.3)
                page.draw_line((x, box.y1 + 8), (x, box.y1 + edge - 4), width=0.3)
            page.insert_text((edge, box.y1 + 24), f"shelf.indd   {number + 1}   10/3/16  9:41 AM",
                             fontsize=7)  # fmt: skip
            page.set_cropbox(pymupdf.Rect(box.x0 - 6, box.y0 - 6, box.x1 + 6, box.y1 + 6))
        made.save(path, garbage=3, deflate=True)
    return None


def _distilled(records: list[Record], path: Path, steps: tuple[str, ...]) -> str | None:
    """A PDF of WeasyPrint that Ghostscript wrote again; one of LaTeX by way of PostScript."""
    program = shutil.which("gs")
    if program is None:
        return "no gs on the path"
    with tempfile.TemporaryDirectory() as folder:
        one = Path(folder, "book.pdf")
        if why := (render(records, STYLES["numbered"], one) if len(steps) == 1
                   else latex(records, "koma", one)):  # fmt: skip
            return why
        for number, device in enumerate(steps):
            two = Path(folder, f"{number}.out")
            done = subprocess.run(
                [program, "-q", "-dNOPAUSE", "-dBATCH", f"-sDEVICE={device}", f"-o{two}", str(one)],
                capture_output=True, timeout=600, check=False,
            )  # fmt: skip
            if not two.exists():
                return done.stderr.decode("utf-8", "replace")[-300:]
            one = two
        shutil.copyfile(one, path)
    return None


_SIMPLE = Dressing()
HOUSES: dict[str, tuple[Dressing, str, Maker]] = {
    "side-notes": (Dressing(margins=5), "all", partial(_sheet, name="side-notes")),
    "drop-caps": (Dressing("Listing {chapter}-{number}.", 2), "all",
                  partial(_sheet, name="drop-caps")),
    "numbers-cell": (Dressing(notes=11), "all", partial(_sheet, name="numbers-cell")),
    "typst-outer-notes": (Dressing(margins=6), "all", outer_notes),
    "typst-two-columns": (Dressing(footnotes=7), "all", columns_of_two),
    "reportlab": (_SIMPLE, "ascii", reportlab),
    "fpdf": (_SIMPLE, "ascii", fpdf),
    "manual": (_SIMPLE, "two levels", manual),
    "asciidoc": (Dressing("Example {chapter}.{number}", 4, callouts=3, explained=True, notes=13),
                 "settled", asciidoc),
    "writer": (_SIMPLE, "settled", partial(writer, columns=1)),
    "writer-columns": (_SIMPLE, "settled", partial(writer, columns=2)),
    "outer-notes-bar": (Dressing(margins=6), "ascii", partial(_tex, name="outer-notes-bar")),
    "shaded": (Dressing(footnotes=11), "ascii", partial(_tex, name="shaded")),
    "two-up": (_SIMPLE, "all", _two_up),
    "trimmed": (_SIMPLE, "all", _trimmed),
    "distilled": (_SIMPLE, "all", partial(_distilled, steps=("pdfwrite",))),
    "distilled-twice": (_SIMPLE, "ascii", partial(_distilled, steps=("ps2write", "pdfwrite"))),
}  # fmt: skip


def housed(records: list[Record], name: str) -> list[Record]:
    """What a layout prints of records, in reading order: the truth of its PDF."""
    dressing, kind, _ = HOUSES[name]
    if kind == "two levels":
        records = [one for one in records if one["kind"] != "heading" or int(one["level"]) > 0]
    if kind in ("settled", "two levels"):
        records = settled(records)
    if kind == "two levels":
        records = [
            {**one, "level": min(2, one["level"])} if one["kind"] == "heading" else one
            for one in records
        ]  # fmt: skip
    if kind in ("ascii", "two levels"):
        records = [record for record in records if fits(record)]
    return dressed(records, dressing)


def house(records: list[Record], name: str, path: Path) -> str | None:
    """Write a PDF of such records; says why when the engine is not there."""
    return HOUSES[name][2](records, path)
