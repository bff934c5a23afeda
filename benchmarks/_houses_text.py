"""Layouts of programs that read marked-up text: troff, AsciiDoc, a word processor.

Used by ``_houses.py``. Each needs its own programs; what is missing is said and left out.
"""

from __future__ import annotations

import html
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from _presses import run_for, troff, troff_code

__all__ = ["asciidoc", "manual", "writer"]

Record = dict[str, Any]


def _missing(*programs: str) -> str | None:
    gone = [one for one in programs if shutil.which(one) is None]
    return f"no {', '.join(gone)} on the path" if gone else None


def manual(records: list[Record], path: Path) -> str | None:
    """A manual page by ``groff -man``: Courier without a box, titles hang left of the text."""
    if why := _missing("preconv", "groff"):
        return why
    text = ['.TH SHELF 7 "October 2016" "A Shelf of Programs" "Programs"']
    for row in records:
        if row["kind"] == "heading":
            text += [".SH" if row["level"] == 1 else ".SS", troff(row["text"])]
        elif row["kind"] == "prose":
            text += [".PP", troff(" ".join(row["text"].split()))]
        else:
            code = troff_code(row["text"])
            text += [".PP", ".RS 4", ".nf", ".ft CR", ".ps 8", ".vs 10", code, ".ft R", ".ps 10",
                     ".vs 12", ".fi", ".RE"]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "book.7").write_text("\n".join(text) + "\n")
        command = ["sh", "-c", "preconv -eutf-8 book.7 | groff -man -Tpdf > book.pdf"]
        return run_for(command, Path(folder), Path(folder, "book.pdf"), path)


_THEME = """
extends: default
page:
  size: [178mm, 235mm]
  margin: [20mm, 18mm, 20mm, 22mm]
base:
  font_size: 10
  text_align: justify
code:
  font_size: 7.5
  background_color: #ffffff
  border_color: #777777
  border_width: [0.5, 0, 0.5, 0]
  border_radius: 0
"""


def asciidoc(records: list[Record], path: Path) -> str | None:
    """asciidoctor-pdf: coloured code between rules, circled callouts, notes, numbered titles."""
    if why := _missing("asciidoctor-pdf"):
        return why
    out = ["= A Shelf of Programs", ":doctype: book", ":sectnums:", ":media: prepress",
           ":source-highlighter: rouge", ":icons: font", ":sectnumlevels: 3", ""]  # fmt: skip
    for row in records:
        text = " ".join(str(row.get("text") or "").split())
        if row["kind"] == "heading":
            out += ["", f"{'=' * (row['level'] + 1)} pass:c[{text}]".replace("pass:c[]", ""), ""]
        elif row["kind"] == "code":
            lines = str(row["text"]).split("\n")
            for number, at in enumerate(row.get("marks") or (), start=1):
                lines[at] += f" <{number}>"
            lang = row.get("lang") or "text"
            subs = "specialchars,highlight" + (",callouts" if row.get("marks") else "")
            out += [f'[source,{lang},subs="{subs}"]', "-" * 9, *lines, "-" * 9, ""]
        elif row.get("role") == "callout":
            out += [f"<{row['mark']}> {text}"]
        elif row.get("role") == "caption":
            out += ['[subs="specialchars"]', text, ""]
        else:
            note = ["[NOTE]"] if row.get("role") == "note" else []
            out += ["", *note, '[subs="specialchars"]', text, ""]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "book.adoc").write_text("\n".join(out))
        Path(folder, "own-theme.yml").write_text(_THEME)
        command = ["asciidoctor-pdf", "--theme", "own", "-a", "pdf-themesdir=.", "book.adoc"]
        return run_for(command, Path(folder), Path(folder, "book.pdf"), path)


_PAGE = """<html><head><meta charset="utf-8"><style>
@page {{ size: 148mm 210mm; margin: 16mm }} p {{ font-family: 'Liberation Serif'; font-size: 10pt }}
pre {{ font-family: 'Liberation Mono'; font-size: 7pt; margin: 0 }}
</style></head><body>{}</body></html>"""
_COLUMNS = """
import json, sys
from docx import Document
from docx.shared import Pt, Mm
from docx.oxml.ns import qn
from docx.oxml import OxmlElement
book = Document()
part = book.sections[0]
part.left_margin = part.right_margin = Mm(18)
columns = part._sectPr.find(qn("w:cols"))
columns.set(qn("w:num"), "2")
columns.set(qn("w:space"), "480")
part.header.paragraphs[0].text = "A Shelf of Programs"
style = book.styles.add_style("Listing", 1)
style.font.name, style.font.size = "Liberation Mono", Pt(5.5)
style.paragraph_format.space_after = Pt(6)
shade = OxmlElement("w:shd")
for key, value in (("val", "clear"), ("color", "auto"), ("fill", "EEEEEE")):
    shade.set(qn("w:" + key), value)
style.element.get_or_add_pPr().append(shade)
book.styles["Normal"].font.size = Pt(9)
for row in json.load(open("book.json")):
    if row["kind"] == "heading":
        book.add_heading(row["text"], row["level"])
    elif row["kind"] == "prose":
        book.add_paragraph(" ".join(row["text"].split()))
    else:
        book.add_paragraph(row["text"], style="Listing")
book.save("book.docx")
"""


def writer(records: list[Record], path: Path, columns: int) -> str | None:
    """LibreOffice: a web page as it imports it, or a document of Word in two columns."""
    import json

    if why := _missing("soffice"):
        return why
    with tempfile.TemporaryDirectory() as folder:
        if columns == 1:
            name = "book.html"
            Path(folder, name).write_text(_PAGE.format("\n".join(map(_element, records))))
        else:
            name = "book.docx"
            Path(folder, "book.json").write_text(json.dumps(records))
            done = subprocess.run(
                [sys.executable, "-c", _COLUMNS], cwd=folder, capture_output=True, text=True,
                check=False,
            )  # fmt: skip
            if done.returncode:
                return done.stderr.strip()[-100:]
        command = ["soffice", "--headless", "--convert-to", "pdf", name]
        return run_for(command, Path(folder), Path(folder, "book.pdf"), path)


def _element(row: Record) -> str:
    text = html.escape(str(row["text"]), quote=False)
    if row["kind"] == "heading":
        return f"<h{row['level']}>{text}</h{row['level']}>"
    return f"<pre>{text}</pre><p></p>" if row["kind"] == "code" else f"<p>{text}</p>"
