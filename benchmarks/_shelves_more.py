"""The makers of ``_shelves.py`` that are no style sheets of ours: other programs, TeX, Typst.

Needs ``wkhtmltopdf``, xhtml2pdf, rst2pdf, PyMuPDF, Typst or TeX Live; what is missing is said.
"""

from __future__ import annotations

import html
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from _latex import block, compiled, words
from _presses import run_for
from _typeset import lift_of, marked, quoted, table

__all__ = [
    "backslashes", "pisa", "restructured", "shelf_tex", "story", "typst_ligatures", "web_kit",
]  # fmt: skip

Record = dict[str, Any]
_T1 = r"\usepackage[T1]{fontenc}\usepackage{textcomp}"
_TEX = {
    # an article of two columns with Roman numbers before titles, numbers before rows, Courier
    "journal": (
        "pdflatex",
        r"\documentclass[conference]{IEEEtran}" + _T1 + r"\usepackage{listings,xcolor}"
        r"\let\chapter\section\let\section\subsection\let\subsection\subsubsection"
        r"\let\subsubsection\paragraph"
        r"\lstset{basicstyle=\ttfamily\scriptsize,numbers=left,numberstyle=\tiny\color{gray},"
        r"numbersep=4pt,xleftmargin=10pt,columns=fullflexible,keepspaces=true,upquote=true,"
        r"breaklines=true,breakatwhitespace=true,frame=tb,showstringspaces=false}"
        r"\lstnewenvironment{code}{}{}"),
    # remarks in slanted Roman type, keywords in bold Roman type as older books have them
    "roman-remarks": (
        "pdflatex",
        r"\documentclass[10pt,twoside]{book}" + _T1 + r"\usepackage{lmodern,listings}"
        r"\lstset{basicstyle=\ttfamily\small,columns=fullflexible,keepspaces=true,upquote=true,"
        r"commentstyle=\rmfamily\itshape,morecomment=[l]{\#},morecomment=[l]{\%},breaklines=true,"
        r"showstringspaces=false,xleftmargin=2em}\lstnewenvironment{code}{}{}"),
    # handouts of slides: sans type, shaded blocks with rounded corners, navigation below
    "handout": (
        "pdflatex",
        r"\documentclass[10pt]{extarticle}" + _T1 + r"\usepackage[paperwidth=160mm,paperheight="
        r"120mm,margin=12mm]{geometry}\usepackage{lmodern,fancyhdr,lastpage}"
        r"\usepackage[most]{tcolorbox}\tcbuselibrary{listings,skins}"
        r"\renewcommand{\familydefault}{\sfdefault}\pagestyle{fancy}\fancyhf{}"
        r"\fancyfoot[L]{\tiny A. Author (Harbour)}\fancyfoot[C]{\tiny A Shelf of Programs}"
        r"\fancyfoot[R]{\tiny\thepage{} / \pageref{LastPage}}\let\chapter\section"
        r"\let\section\subsection\let\subsection\subsubsection\let\subsubsection\paragraph"
        r"\newtcblisting{code}{listing only,breakable,enhanced,arc=3mm,colback=blue!4,"
        r"boxrule=0pt,frame hidden,listing options={basicstyle=\ttfamily\scriptsize,"
        r"columns=fullflexible,keepspaces=true,upquote=true,breaklines=true}}"),
}  # fmt: skip


def shelf_tex(records: list[Record], path: Path, name: str) -> str | None:
    """One of three layouts of LaTeX, with footnotes at the foot of the page."""
    engine, head = _TEX[name]
    out: list[str] = []
    for record in records:
        if record.get("role") == "footnote":
            out[-1] += f"\\footnote{{{words(record['text'])}}}"
        else:
            out.append(block(record))
    body = "\n\n".join(out)
    setup = "\\usepackage[hidelinks,bookmarksdepth=6]{hyperref}\n"
    text = f"{head}\n{setup}\\begin{{document}}\n\\sloppy\n{body}\n\\end{{document}}\n"
    return compiled(text, engine, path)


def backslashes(records: list[Record], path: Path) -> str | None:
    """Numbers without a box between two rules; wrapped rows end in a backslash, at column 0."""
    head = (
        r"\documentclass[10pt,openany]{book}" + _T1 + r"\usepackage{charter,fancyvrb}"
        r"\DefineVerbatimEnvironment{code}{Verbatim}{fontsize=\footnotesize,frame=lines,"
        r"framesep=1mm}"
    )
    out: list[str] = []
    for record in records:
        if record["kind"] != "code":
            out.append(block(record))
            continue
        rows: list[str] = []
        for number, line in enumerate(str(record["text"]).expandtabs(8).split("\n"), start=1):
            lead = f"{number:>3}  "
            while len(line) > 74:
                rows.append(lead + line[:74] + "\\")
                lead, line = "     ", line[74:]
            rows.append(lead + line if line else lead.rstrip())
        out.append("\\begin{code}\n" + "\n".join(rows) + "\n\\end{code}")
    body = "\n\n".join(out)
    setup = "\\usepackage[hidelinks,bookmarksdepth=6]{hyperref}\n"
    text = f"{head}\n{setup}\\begin{{document}}\n\\sloppy\n{body}\n\\end{{document}}\n"
    return compiled(text, "pdflatex", path)


def _plain_html(records: list[Record], css: str, rows: str = "\n") -> str:
    out = [f"<html><head><meta charset=utf-8><title>A Shelf</title><style>{css}</style></head>"
           "<body>"]  # fmt: skip
    lift = lift_of(records)
    for record in records:
        kind, text = record["kind"], str(record.get("text") or "")
        if kind == "heading":
            level = max(1, min(6, int(record["level"]) + lift))
            out.append(f"<h{level}>{html.escape(text)}</h{level}>")
        elif kind == "code":
            cooked = html.escape(text.expandtabs(8), quote=False).replace("\n", rows)
            out.append(f"<pre>{cooked}</pre>")
        elif kind == "table":
            out.append(table(record))
        elif record.get("role") == "li":
            out.append(f"<ul><li>{marked(record)}</li></ul>")
        else:
            out.append(f"<p>{marked(record)}</p>")
    return "\n".join([*out, "</body></html>"])


def web_kit(records: list[Record], path: Path) -> str | None:
    """Printed by an old WebKit, as many tools make books of Markdown."""
    css = (
        "body{font-family:'Liberation Sans';font-size:12pt;line-height:1.5}"
        "h1{page-break-before:always}pre{background:#f8f8f8;border:1px solid #ccc;padding:8px;"
        "font:10pt/1.4 'Liberation Mono',monospace;white-space:pre-wrap;border-radius:3px}"
        "code{font-family:'Liberation Mono'}td{padding:4px 10px}"
    )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "book.html").write_text(_plain_html(records, css))
        command = ["wkhtmltopdf", "-q", "--disable-javascript", "--footer-center", "[page]",
                   "--header-left", "[section]", "book.html", "book.pdf"]  # fmt: skip
        try:
            return run_for(command, Path(folder), Path(folder, "book.pdf"), path)
        except OSError:
            return "no wkhtmltopdf on the path"


def pisa(records: list[Record], path: Path) -> str | None:
    """By xhtml2pdf, with the fonts that every viewer has."""
    try:
        from xhtml2pdf import pisa as maker
    except ImportError:
        return "xhtml2pdf is not installed"
    css = (
        "@page{size:a4;margin:2cm;@frame footer{-pdf-frame-content:foot;bottom:1cm;"
        "margin-left:2cm;margin-right:2cm;height:1cm}}body{font-family:Times-Roman;font-size:11pt}"
        "h1{-pdf-outline:true;-pdf-level:0;font-size:22pt}h2{font-size:16pt}h3{font-size:13pt}"
        "pre{font-family:Courier;font-size:7.5pt;background-color:#eeeeee;padding:4pt}"
    )
    page = _plain_html(records, css).replace(
        "<body>", "<body><div id=foot>A Shelf of Programs - <pdf:pagenumber></div>"
    )
    with path.open("wb") as out:
        done = maker.CreatePDF(page, dest=out)
    return "xhtml2pdf failed" if done.err else None


def restructured(records: list[Record], path: Path) -> str | None:
    """By rst2pdf: its own sheet, coloured code, page numbers, an outline."""
    out: list[str] = []
    for record in records:
        text = str(record["text"])
        line = re.sub(r"([*`\\|_<>:])", r"\\\1", " ".join(text.split()))
        if record["kind"] == "heading":
            out += [line, "#*=-~"[record["level"]] * (len(line) + 2), ""]
        elif record["kind"] == "prose":
            out += [line, ""]
        else:
            rows = ["   " + row if row.strip() else "" for row in text.split("\n")]
            out += [".. code-block:: elixir", "", *rows, ""]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "book.rst").write_text("\n".join(out))
        command = [sys.executable, "-m", "rst2pdf.createpdf", "book.rst", "-o", "book.pdf",
                   "--footer=###Page###", "--header=A Shelf of Programs"]  # fmt: skip
        return run_for(command, Path(folder), Path(folder, "book.pdf"), path)


def story(records: list[Record], path: Path) -> str | None:
    """By the layout of MuPDF itself."""
    import pymupdf

    css = "pre{font-family:monospace;font-size:8px;background-color:#eee}body{font-family:serif}"
    made = pymupdf.Story(html=_plain_html(records, css), em=11)
    writer = pymupdf.DocumentWriter(str(path))
    box = pymupdf.paper_rect("a5")
    inner = pymupdf.Rect(box.x0 + 36, box.y0 + 40, box.x1 - 36, box.y1 - 44)
    more = 1
    while more:
        device = writer.begin_page(box)
        more, _ = made.place(inner)
        made.draw(device)
        writer.end_page()
    writer.close()
    return None


def typst_ligatures(records: list[Record], path: Path) -> str | None:
    """A face with signs for operators, a bar at the left of code, numbered chapters by name."""
    try:
        import typst
    except ImportError:
        return "typst is not installed"
    out = [
        '#set page(paper: "a5", margin: (x: 16mm, y: 20mm), footer: context [#h(1fr)#counter(page)'
        ".display()])",
        '#set text(font: "Libertinus Serif", size: 9.5pt)', "#set par(justify: true)",
        '#show raw: set text(font: "Fira Code", size: 6.4pt)',
        "#show raw.where(block: true): it => block(stroke: (left: 2pt + rgb(\"#7a5ea8\")), "
        "inset: (left: 8pt, y: 3pt), width: 100%, it)",
        "#show heading.where(level: 1): it => {pagebreak(weak: true); text(size: 22pt, it)}",
    ]  # fmt: skip
    lift = lift_of(records)
    for record in records:
        text = str(record.get("text") or "")
        if record["kind"] == "heading":
            level = max(1, min(6, int(record["level"]) + lift))
            out.append(f"#heading(level: {level}, {quoted(text)})")
        elif record["kind"] == "code" and text.strip():
            lang = str(record.get("lang") or "") or "txt"
            out.append(f"#raw(block: true, lang: {quoted(lang)}, {quoted(text)})")
        elif record["kind"] == "prose":
            out.append(f"#list[#{quoted(text)}]" if record.get("role") == "li"
                       else f"#par[#{quoted(text)}]")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "book.typ")
        source.write_text("\n\n".join(out))
        typst.compile(str(source), output=str(path))
    return None
