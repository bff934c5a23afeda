"""The layouts of ``_sidebars.py`` that LaTeX sets.

Needs TeX Live with fontspec, tcolorbox, awesomebox and Pygments; what is missing is said by the
last words of LaTeX.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from itertools import groupby
from pathlib import Path
from typing import Any

from _latex import block, compiled, words

__all__ = ["set_aside_tex"]

Record = dict[str, Any]
_WIDE = 66  # columns of code in the layout that breaks rows by hand

_LISTING = r"\usepackage{listings}\lstset{%s}\lstnewenvironment{code}{}{}"
_PREAMBLES = {
    # every fifth row has its number, titles of listings in a bar, notes behind an icon and a rule
    "fifth-numbers": r"\documentclass[10pt,twoside]{book}\usepackage{fontspec,microtype,xcolor}"
    r"\setmainfont{TeXGyrePagella}\setmonofont{DejaVu Sans Mono}[Scale=0.82]"
    r"\usepackage[paperwidth=7in,paperheight=9.25in,margin=20mm]{geometry}"
    r"\usepackage{awesomebox}\newenvironment{apart}[1]{\begin{noteblock}\textbf{#1}\par}"
    r"{\end{noteblock}}\newcommand{\titled}[1]{\par\noindent\colorbox{black!12}"
    r"{\parbox{.97\linewidth}{\small\sffamily #1}}\nopagebreak\par}"
    + _LISTING
    % (
        r"basicstyle=\ttfamily\footnotesize,columns=fullflexible,keepspaces=true,numbers=left,"
        r"stepnumber=5,firstnumber=1,numberfirstline=true,numberstyle=\tiny\color{gray},"
        r"breaklines=true,upquote=true,xleftmargin=14pt,"
        r"prebreak=\mbox{\tiny$\hookleftarrow$}"
    ),
    # grey boxes with numbers, a backslash where a row goes on, asides with an icon in a table
    "backslash-wraps": r"\documentclass[11pt,oneside]{scrbook}\usepackage{fontspec,xcolor}"
    r"\setmainfont{PT Serif}\setmonofont{DejaVu Sans Mono}[Scale=0.75]\setsansfont{PT Sans}"
    r"\usepackage[margin=1in]{geometry}\usepackage{fontawesome5,tabularx}\usepackage[most]{tcolorbox}"
    r"\newenvironment{apart}[1]{\begin{tcolorbox}[breakable,enhanced,colback=black!4,frame hidden,"
    r"left=40pt,overlay unbroken and first={\node[anchor=north west] at "
    r"([xshift=6pt,yshift=-6pt]frame.north west) {\Large\faInfoCircle};}]\textbf{#1}\par}"
    r"{\end{tcolorbox}}\newcommand{\titled}[1]{\par\textbf{#1}\par}"
    + _LISTING
    % (
        r"basicstyle=\ttfamily\small,columns=fullflexible,keepspaces=true,numbers=left,"
        r"numberstyle=\ttfamily\scriptsize\color{gray},backgroundcolor=\color{black!5},"
        r"upquote=true,xleftmargin=22pt,framexleftmargin=20pt"
    ),
    # code in a face of unequal widths, set on a grid: what the package does by itself
    "grid-sans": r"\documentclass[10pt]{book}\usepackage[T1]{fontenc}\usepackage{lmodern,textcomp}"
    r"\usepackage[margin=25mm]{geometry}\newenvironment{apart}[1]{\textbf{#1}}{}"
    r"\newcommand{\titled}[1]{\textbf{#1}}"
    + _LISTING
    % (
        r"basicstyle=\sffamily\small,frame=single,numbers=left,numberstyle=\tiny,breaklines=true,"
        r"upquote=true"
    ),
    # old fonts by way of PostScript, framed side bars
    "dvips": r"\documentclass[10pt,twoside]{book}\usepackage{framed,listings}"
    r"\newenvironment{apart}[1]{\begin{framed}\noindent\textsf{#1}\par}{\end{framed}}"
    r"\newcommand{\titled}[1]{\par\textit{#1}\par}"
    r"\lstset{basicstyle=\ttfamily\small,columns=flexible,keepspaces=true,breaklines=true}"
    r"\lstnewenvironment{code}{}{}",
}


def set_aside_tex(records: list[Record], path: Path, name: str) -> str | None:
    """Write a PDF of ASCII records; says why when LaTeX is not there."""
    out: list[str] = []
    for number, group in groupby(records, lambda record: int(record.get("aside") or 0)):
        members = list(group)
        if number and members[0].get("role") == "aside-title":
            out.append(f"\\begin{{apart}}{{{words(members.pop(0)['text'])}}}")
        out += _members(members, name)
        out += ["\\end{apart}"] if number else []
    body = "\n\n".join(out)
    setup = _PREAMBLES[name]
    text = f"{setup}\n\\setcounter{{secnumdepth}}{{2}}\n\\begin{{document}}\n\\sloppy\n{body}\n"
    text += "\\end{document}\n"
    if name == "dvips":
        return _by_postscript(text, path)
    return compiled(text, "xelatex" if "fontspec" in setup else "pdflatex", path)


def _members(members: list[Record], name: str) -> list[str]:
    out: list[str] = []
    for record in members:
        role = record.get("role")
        if role == "footnote" and out:
            out[-1] += f"\\footnote{{{words(record['text'])}}}"
        elif role == "caption":
            out.append(f"\\titled{{{words(record['text'])}}}")
        elif record["kind"] == "code" and name == "backslash-wraps":
            rows = [row for line in str(record["text"]).split("\n") for row in _broken(line)]
            out.append(block({**record, "text": "\n".join(rows)}))
        elif role != "footnote":
            out.append(block(record))
    return out


def _broken(line: str) -> list[str]:
    rows: list[str] = []
    while len(line) > _WIDE:
        rows.append(line[: _WIDE - 1] + "\\")
        line = line[_WIDE - 1 :]
    return [*rows, line]


def _by_postscript(text: str, path: Path) -> str | None:
    missing = [one for one in ("latex", "dvips", "ps2pdf") if shutil.which(one) is None]
    if missing:
        return f"no {', '.join(missing)} on the path"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "book.tex").write_text(text)
        steps = (
            ["latex", "-interaction=nonstopmode", "book.tex"],
            ["dvips", "-q", "book.dvi"],
            ["ps2pdf", "book.ps", "book.pdf"],
        )
        for command in steps:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, timeout=300, check=False
            )
        made = Path(folder, "book.pdf")
        if not made.exists():
            return done.stderr.decode("latin-1")[-300:]
        shutil.copyfile(made, path)
    return None
