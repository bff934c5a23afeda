"""Sets the records of a book by tools that publishers use: DocBook, Sphinx, groff, word processors.

Used by ``reading.py --stress``. Each needs its own programs (``fop`` and ``xsltproc`` with the
DocBook style sheets, ``sphinx-build`` and ``pdflatex``, ``groff``, ``soffice`` and python-docx);
what is missing is said and left out. Tables and lists are set as paragraphs.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

__all__ = ["PRESSES", "press", "pressed", "run_for", "settled", "troff", "troff_code"]

Record = dict[str, Any]
_SHEET = Path("/usr/share/xml/docbook/stylesheet/docbook-xsl/fo/docbook.xsl")
_TECHNICAL = re.compile(r"[\u2300-\u23ff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f]")
_UNDER = "#*=-~"  # what Sphinx draws below titles, by level


def press(records: list[Record], name: str, path: Path) -> str | None:
    """Write a PDF of settled records; else the programs that are missing, or their last words."""
    programs, make = PRESSES[name]
    if missing := [one for one in programs if shutil.which(one) is None]:
        return f"no {', '.join(missing)} on the path"
    with tempfile.TemporaryDirectory() as folder:
        return make(records, Path(folder), path)


def settled(records: list[Record]) -> list[Record]:
    """Headings, paragraphs and code only; levels begin at 1 and never jump."""
    out: list[Record] = []
    last = 0
    for record in records:
        text = _CONTROL.sub("", str(record.get("text") or ""))
        if record["kind"] not in ("heading", "prose", "code") or not text.strip():
            continue
        if record["kind"] == "heading":
            last = max(1, min(int(record["level"]), last + 1, 4))
            out.append({**record, "level": last, "text": " ".join(text.split())})
        elif last:
            out.append({**record, "text": text})
    return out


def pressed(records: list[Record], name: str) -> list[Record]:
    """What a press prints of records: the fonts of troff have no technical signs (U+23CE)."""
    made = settled(records)
    if name != "groff":
        return made
    return [{**one, "text": _TECHNICAL.sub("", str(one["text"]))} for one in made]


def run_for(command: list[str], folder: Path, made: Path, path: Path) -> str | None:
    """Run a command that makes a PDF and copy it; else its last words."""
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=600, check=False)
    if not made.exists() or not made.stat().st_size:
        return (done.stderr or done.stdout).decode("utf-8", "replace")[-300:]
    shutil.copyfile(made, path)
    return None


def _docbook(rows: list[Record], folder: Path, path: Path) -> str | None:
    if not _SHEET.exists():
        return "no DocBook style sheets (package docbook-xsl)"
    text = ["<?xml version='1.0'?><book><title>A Shelf of Programs</title>"]
    open_: list[str] = []
    for row in rows:
        words = escape(row["text"])
        if row["kind"] == "heading":
            while len(open_) >= row["level"]:
                text.append(f"</{open_.pop()}>")
            open_.append("chapter" if row["level"] == 1 else "section")
            text.append(f"<{open_[-1]}><title>{words}</title><para/>")
        else:
            tag = "para" if row["kind"] == "prose" else "programlisting"
            text.append(f"<{tag}>{words}</{tag}>")
    text += [f"</{tag}>" for tag in reversed(open_)]
    Path(folder, "book.xml").write_text("\n".join([*text, "</book>"]))
    options = ["--stringparam", "shade.verbatim", "1", "--stringparam", "fop1.extensions", "1"]
    subprocess.run(
        ["xsltproc", "--nonet", *options, "-o", "book.fo", str(_SHEET), "book.xml"],
        cwd=folder, capture_output=True, check=False,
    )  # fmt: skip
    return run_for(["fop", "-fo", "book.fo", "-pdf", "book.pdf"], folder, folder / "book.pdf", path)


def _groff(rows: list[Record], folder: Path, path: Path) -> str | None:
    text = [".nr PS 10", ".nr VS 13", ".ds CH A Shelf of Programs", ".ds CF %"]
    for row in rows:
        if row["kind"] == "heading":
            text += [".bp"] if row["level"] == 1 else []
            text += [f".NH {row['level']}", troff(row["text"]), ".LP"]
        elif row["kind"] == "prose":
            text += [".PP", troff(" ".join(row["text"].split()))]
        else:
            code = troff_code(row["text"])
            text += [".DS I", ".ft CR", ".ps 9", ".vs 11", code, ".ft R", ".DE"]
    Path(folder, "book.ms").write_text("\n".join(text) + "\n")
    command = "preconv -eutf-8 book.ms | groff -ms -Tpdf > book.pdf"
    return run_for(["sh", "-c", command], folder, folder / "book.pdf", path)


def troff(text: str) -> str:
    """Text with the signs of troff escaped."""
    lines = text.replace("\\", "\\e").replace("-", "\\-").split("\n")
    return "\n".join(f"\\&{line}" if line[:1] in (".", "'") else line for line in lines)


def troff_code(text: str) -> str:
    """The same for code: signs that troff would set as others are named."""
    code = troff(text)
    for sign, name in (("'", "aq"), ("`", "ga"), ("^", "ha"), ("~", "ti")):
        code = code.replace(sign, f"\\[{name}]")
    return code


def _sphinx(rows: list[Record], folder: Path, path: Path) -> str | None:
    chapters: list[list[str]] = []
    for row in rows:
        words = re.sub(r"([*`\\|_<>:])", r"\\\1", " ".join(row["text"].split()))
        if row["kind"] == "heading":
            if row["level"] == 1:
                chapters.append([])
            chapters[-1] += [words, _UNDER[row["level"]] * (len(words) + 2), ""]
        elif row["kind"] == "prose":
            chapters[-1] += [words, ""]
        else:
            code = ["   " + line if line.strip() else "" for line in row["text"].split("\n")]
            chapters[-1] += [".. code-block:: text", "   :force:", "", *code, ""]
    names = [f"c{number}" for number in range(len(chapters))]
    for name, chapter in zip(names, chapters, strict=True):
        Path(folder, f"{name}.rst").write_text("\n".join(chapter))
    tree = "\n".join(f"   {name}" for name in names)
    Path(folder, "index.rst").write_text(f"Book\n====\n\n.. toctree::\n\n{tree}\n")
    made = "latex_documents = [('index', 'book.tex', 'A Shelf', '', 'manual')]\n"
    Path(folder, "conf.py").write_text(f"project = 'A Shelf of Programs'\n{made}")
    subprocess.run(
        ["sphinx-build", "-q", "-b", "latex", ".", "tex"],
        cwd=folder, capture_output=True, check=False,
    )  # fmt: skip
    tex = folder / "tex"
    command = ["sh", "-c", "for _ in 1 2; do pdflatex -interaction=nonstopmode book.tex; done"]
    return run_for(command, tex, tex / "book.pdf", path) if tex.is_dir() else "sphinx-build failed"


_WORD = """
import json, sys
from docx import Document
from docx.shared import Pt
CELLS = sys.argv[1] == "cells"
book = Document()
style = book.styles.add_style("Listing", 1)
style.font.name, style.font.size = "Liberation Mono", Pt(8.5)
style.paragraph_format.left_indent = Pt(14)
for row in json.load(open("book.json")):
    if row["kind"] == "heading":
        book.add_heading(row["text"], row["level"])
    elif row["kind"] == "prose":
        book.add_paragraph(" ".join(row["text"].split()))
    elif not CELLS:
        book.add_paragraph(row["text"], style="Listing")
    else:
        cell = book.add_table(1, 1, style="Table Grid").cell(0, 0)
        for number, line in enumerate(row["text"].split("\\n")):
            paragraph = cell.add_paragraph() if number else cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(0)
            run = paragraph.add_run(line)
            run.font.name, run.font.size = "Liberation Mono", Pt(8)
        book.add_paragraph()
book.save("book.docx")
"""


def _word(rows: list[Record], folder: Path, path: Path, code: str = "style") -> str | None:
    Path(folder, "book.json").write_text(json.dumps(rows))
    done = subprocess.run(
        [sys.executable, "-c", _WORD, code], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        return done.stderr.strip()[-100:]
    command = ["soffice", "--headless", "--convert-to", "pdf", "book.docx"]
    return run_for(command, folder, folder / "book.pdf", path)


PRESSES: dict[str, tuple[tuple[str, ...], Callable[[list[Record], Path, Path], str | None]]] = {
    "docbook": (("xsltproc", "fop"), _docbook),
    "groff": (("preconv", "groff"), _groff),
    "sphinx": (("sphinx-build", "pdflatex"), _sphinx),
    "word": (("soffice",), _word),
    # each listing in a table of one cell with rules around it, a paragraph for each row of code
    "table-cell-code": (("soffice",), partial(_word, code="cells")),
}
