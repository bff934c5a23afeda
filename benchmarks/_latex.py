"""Sets the records of a book by LaTeX, as many technical books are. Used by ``_typeset.py``.

Needs ``pdflatex`` (TeX Live with listings, fancyvrb, fvextra). The old font encodings of TeX print
other characters than the source holds: that is what these styles are for.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

Record = dict[str, Any]

_LISTING = r"\lstset{basicstyle=\ttfamily\footnotesize,showstringspaces=false,%s}"
_VERB = r"\DefineVerbatimEnvironment{code}{Verbatim}{fontsize=\footnotesize,%s}"
_CODE = r"\lstnewenvironment{code}{}{}"
_FLEX = "columns=fullflexible,keepspaces=true,upquote=true,breaklines=true"
_T1 = r"\usepackage[T1]{fontenc}\usepackage{lmodern}\usepackage{textcomp}"
PREAMBLES = {
    # listings as it comes: every character in a box of its own, wider than the letter
    "fixed": (r"\documentclass[10pt,twoside]{book}\usepackage{listings}", _LISTING
              % "breaklines=true,numbers=left,numberstyle=\\tiny" + _CODE),
    # the usual advice: flexible columns, T1 fonts, a frame, a mark at wraps
    "flexible": (r"\documentclass[11pt,oneside]{book}\usepackage[T1]{fontenc}\usepackage{lmodern}"
                 r"\usepackage{listings}\usepackage{textcomp}", _LISTING
                 % "columns=fullflexible,keepspaces=true,upquote=true,frame=single,breaklines=true,"
                 r"postbreak=\mbox{$\hookrightarrow$\space}" + _CODE),
    # plain verbatim with numbers, old fonts, wraps with the package's own marks
    "verbatim": (r"\documentclass[10pt,openany]{book}\usepackage{fancyvrb,fvextra}", _VERB
                 % "numbers=left,frame=lines,breaklines=true"),
    # two columns of small print, Courier
    "twocolumn": (r"\documentclass[10pt,twocolumn]{article}\usepackage[T1]{fontenc}"
                  r"\usepackage{mathptmx,courier}\usepackage{listings}"
                  r"\usepackage[margin=18mm]{geometry}\let\chapter\section"
                  r"\let\section\subsection\let\subsection\subsubsection"
                  r"\let\subsubsection\paragraph", _LISTING
                  % r"basicstyle=\ttfamily\scriptsize,columns=fullflexible,keepspaces=true,"
                  "breaklines=true,breakindent=0pt" + _CODE),
    # code in a coloured box, coloured words, footnotes
    "boxed": (r"\documentclass[10pt]{book}\usepackage[T1]{fontenc}\usepackage{lmodern,xcolor}"
              r"\usepackage{listings}", _LISTING
              % r"columns=fullflexible,keepspaces=true,backgroundcolor=\color{black!6},"
              r"keywordstyle=\color{blue}\bfseries,commentstyle=\itshape\color{gray},"
              r"morecomment=[l]{\#},morekeywords={def,do,end,defmodule,case,fn,use},"
              "breaklines=true,breakatwhitespace=true" + _CODE),
    # chapter styles and boxes of other book classes
    "memoir": (r"\documentclass[10pt]{memoir}" + _T1 + r"\usepackage{listings}\chapterstyle{veelo}",
               _LISTING % (_FLEX + ",frame=lines") + _CODE),
    "koma": (r"\documentclass[10pt,headings=normal]{scrbook}" + _T1
             + r"\usepackage{fancyvrb,fvextra}",
             _VERB % "frame=leftline,breaklines=true,xleftmargin=8mm"),
    "fncychap": (r"\documentclass[11pt]{book}\usepackage[Glenn]{fncychap}" + _T1
                 + r"\usepackage{listings}", _LISTING % _FLEX + _CODE),
    "tcolorbox": (r"\documentclass[10pt]{book}" + _T1 + r"\usepackage[most]{tcolorbox}"
                  r"\tcbuselibrary{listings,skins}\usepackage[margin=22mm]{geometry}",
                  r"\newtcblisting{code}{listing only,breakable,colback=black!5,"
                  r"listing options={basicstyle=\ttfamily\footnotesize," + _FLEX + "}}"),
    "inconsolata": (r"\documentclass[10pt]{book}\usepackage[T1]{fontenc}"
                    r"\usepackage{tgpagella,inconsolata,fancyhdr}\usepackage{listings}"
                    r"\pagestyle{fancy}",
                    _LISTING % (_FLEX + ",frame=tb,numbers=left,numbersep=5pt,xleftmargin=12pt")
                    + _CODE),
}  # fmt: skip
_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': "''",
}  # fmt: skip
_LEVELS = ("part", "chapter", "section", "subsection", "subsubsection", "paragraph")


def fits(record: Record) -> bool:
    """Whether the old encodings can set a record at all: its text is ASCII."""
    return all(str(value).isascii() for value in record.values())


def latex(records: list[Record], style: str, path: Path) -> str | None:
    """Write a PDF of ASCII records; says why when LaTeX is not there."""
    head, setup = PREAMBLES[style]
    body = "\n\n".join(block(record) for record in records)
    text = (
        f"{head}\n\\usepackage[hidelinks,bookmarksdepth=6]{{hyperref}}\n{setup}\n"
        "\\title{A Shelf of Programs}\\author{}\\setcounter{secnumdepth}{2}\n"
        f"\\begin{{document}}\n\\sloppy\n{body}\n\\end{{document}}\n"
    )
    return compiled(text, "pdflatex", path)


def compiled(text: str, engine: str, path: Path) -> str | None:
    """Run ``pdflatex`` or ``xelatex`` twice; its last words when there is no PDF."""
    program = shutil.which(engine)
    if program is None:
        return f"no {engine} on the path"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "book.tex")
        source.write_text(text)
        for _ in range(2):
            done = subprocess.run(
                [program, "-interaction=nonstopmode", source.name], cwd=folder,
                capture_output=True, timeout=300, check=False,
            )  # fmt: skip
        made = source.with_suffix(".pdf")
        if not made.exists():
            return done.stdout.decode("latin-1")[-400:]
        shutil.copyfile(made, path)
    return None


def block(record: Record) -> str:
    """One record; code is in the environment ``code`` of the preamble."""
    text = str(record.get("text") or "")
    if record["kind"] == "heading":
        level = max(0, min(5, int(record["level"])))
        return f"\\{_LEVELS[level]}{{{words(text)}}}" + ("\\mbox{}" if level > 4 else "")
    if record["kind"] == "code":
        return f"\\begin{{code}}\n{text}\n\\end{{code}}"
    if record["kind"] == "table":
        rows = [record.get("header") or [], *(record.get("rows") or [])]
        wide = max(map(len, rows))
        cells = [" & ".join(words(str(cell)) for cell in row) for row in rows if row]
        share = f"p{{{0.9 / wide:.2f}\\linewidth}}"
        lines = " \\\\\n".join(cells)
        return f"\\begin{{tabular}}{{{share * wide}}}\n{lines}\n\\end{{tabular}}"
    body = inline(text, record.get("inline_code") or ())
    if record.get("role") == "li":
        return f"\\begin{{itemize}}\\item {body}\\end{{itemize}}"
    return body


def inline(text: str, pieces: Any) -> str:
    """A paragraph whose ``pieces`` are set as code."""
    wanted = sorted(filter(None, set(pieces)), key=len, reverse=True)
    if not wanted:
        return words(text)
    found = re.split(f"({'|'.join(map(re.escape, wanted))})", text)
    return "".join(
        f"\\texttt{{{words(one)}}}" if number % 2 else words(one)
        for number, one in enumerate(found)
    )


def words(text: str) -> str:
    """Text with the signs of TeX escaped."""
    return "".join(_ESCAPES.get(char, char) for char in re.sub(r"\s+", " ", text))
