"""The layouts of ``_reprints.py`` that LaTeX sets. Needs TeX Live with listings and accsupp."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from _books import NOUNS
from _latex import block, compiled, words

__all__ = ["REPRINT_TEX", "floated", "set_reprint"]

Record = dict[str, Any]
_T1 = r"\usepackage[T1]{fontenc}\usepackage{lmodern,textcomp}"
_FLEX = "columns=fullflexible,keepspaces=true,upquote=true,breaklines=true,showstringspaces=false"
_ENV = r"\lstnewenvironment{code}{}{}"
_DOWN = (
    r"\let\chapter\section\let\section\subsection\let\subsection\subsubsection"
    r"\let\subsubsection\paragraph"
)
REPRINT_TEX = {
    # listings of six rows and more float to the top or foot of a page, with a caption; no outline
    "floats": r"\documentclass[10pt,twoside]{book}" + _T1 + r"\usepackage{listings}"
    r"\lstset{basicstyle=\ttfamily\footnotesize,"
    + _FLEX
    + "}"
    + _ENV
    + r"\lstnewenvironment{wide}[1]{\lstset{float=tbp,caption={#1}}}{}",
    # numbers before rows say, to who copies them, that they are nothing
    "not-copied": r"\documentclass[11pt]{article}"
    + _T1
    + r"\usepackage{listings,xcolor,accsupp}"
    + _DOWN
    + r"\newcommand\none[1]{\BeginAccSupp{method=escape,ActualText={}}#1\EndAccSupp{}}"
    r"\lstset{basicstyle=\ttfamily\small,numbers=left,backgroundcolor=\color{gray!10},"
    r"numberstyle=\tiny\color{gray}\none,xleftmargin=7mm," + _FLEX + "}" + _ENV,
    # sections of the third level and below in two columns that end level with each other
    "balanced": r"\documentclass[10pt,oneside]{book}" + _T1 + r"\usepackage{listings,multicol}"
    r"\usepackage[margin=22mm]{geometry}\setlength{\columnsep}{8mm}"
    r"\lstset{basicstyle=\ttfamily\scriptsize,frame=single,"
    + _FLEX
    + "}"
    + _ENV
    + "\\usepackage[hidelinks,bookmarksdepth=6]{hyperref}",
    # an article of two columns; long listings stand over both at the top of a page
    "wide-floats": r"\documentclass[10pt,twocolumn]{article}\usepackage[T1]{fontenc}"
    r"\usepackage{tgpagella,courier,listings,textcomp}\usepackage[margin=18mm]{geometry}"
    + _DOWN
    + r"\lstset{basicstyle=\ttfamily\scriptsize,"
    + _FLEX
    + "}"
    + _ENV
    + r"\lstnewenvironment{wide}[1]{\lstset{float=*tp,caption={#1},numbers=left,"
    r"numberstyle=\tiny,basicstyle=\ttfamily\footnotesize}}{}",
    # a title page, contents, a list of listings and notes in front; captions; no outline
    "front-matter": r"\documentclass[11pt,twoside]{book}" + _T1 + r"\usepackage{listings}"
    r"\lstset{basicstyle=\ttfamily\footnotesize,numbers=left,numberstyle=\tiny,frame=tb,"
    + _FLEX
    + "}"
    + _ENV
    + r"\lstnewenvironment{wide}[1]{\lstset{caption={#1}}}{}",
}
_FRONT = r"\frontmatter\maketitle\tableofcontents\lstlistoflistings\cleardoublepage\mainmatter"
_BOOKS = ("floats", "front-matter")
_FLOATS = {
    "floats": (6, 30),
    "wide-floats": (10, 36),
    "front-matter": (7, 99),
}  # rows of a listing that floats


def floated(records: list[Record], name: str) -> list[Record]:
    """The records, with a caption before each listing that floats."""
    low, high = _FLOATS.get(name, (99, 0))
    out: list[Record] = []
    chapter = listing = 0
    for number, record in enumerate(records):
        rows = str(record.get("text", "")).count("\n") + 1
        if record["kind"] == "heading" and record["level"] == 1 and name in _BOOKS:
            chapter, listing = chapter + 1, 0
        if record["kind"] == "code" and low <= rows <= high:
            said = f"The {NOUNS[number % len(NOUNS)]} of harbour {number}"
            listing += 1
            label = f"Listing {chapter}.{listing}" if name in _BOOKS else f"Listing {listing}"
            out.append({"kind": "prose", "role": "caption", "text": f"{label}: {said}"})
            record = {**record, "floats": said}
        out.append(record)
    return out


def set_reprint(records: list[Record], path: Path, name: str) -> str | None:
    """Write the PDF; the last words of LaTeX when there is none."""
    out: list[str] = []
    two = False
    for record in records:
        if record["kind"] == "heading" and name == "balanced" and two != (record["level"] > 2):
            two = not two
            out.append(r"\begin{multicols}{2}" if two else r"\end{multicols}")
        if record.get("role") == "caption":
            continue
        if said := record.get("floats"):
            out.append(f"\\begin{{wide}}{{{words(said)}}}\n{record['text']}\n\\end{{wide}}")
        else:
            out.append(block(record))
    if name == "front-matter":
        out.insert(0, _FRONT)
    body = "\n\n".join([*out, r"\end{multicols}" if two else ""])
    text = (
        f"{REPRINT_TEX[name]}\n\\setcounter{{secnumdepth}}{{2}}\\extrafloats{{200}}\n"
        "\\title{A Shelf of Programs}\\author{A. Author}\n"
        f"\\begin{{document}}\n\\sloppy\n{body}\n\\end{{document}}\n"
    )
    return compiled(text, "pdflatex", path)
