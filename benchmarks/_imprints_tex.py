"""The layouts of ``_imprints.py`` that LaTeX sets: other classes than those of ``_latex.py``.

Needs TeX Live with tufte-latex, KOMA-Script, memoir, extsizes, libertine and bera; a class that is
missing is said by the last words of LaTeX. None of them has an outline: hyperref is not loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _latex import block, compiled, words

__all__ = ["HOUSE_TEX", "TEX", "set_tex"]

Record = dict[str, Any]


@dataclass(frozen=True)
class Preamble:
    """``coloured``: Pygments sets code, in an environment of its own within ``around``."""

    text: str
    engine: str = "pdflatex"
    coloured: bool = False
    around: str = ""


_LISTING = (
    r"\usepackage{listings}\lstset{breaklines=true,keepspaces=true,numbers=left,%s}"
    r"\lstnewenvironment{code}{}{}"
)
TEX = {
    # one narrow column with notes in a wide margin at its right, code without a box
    "margin-notes": Preamble(
        r"\documentclass[nohyper,nobib]{tufte-book}\usepackage{marginnote,fancyvrb,fvextra}"
        r"\let\subsubsection\subsection"
        r"\DefineVerbatimEnvironment{code}{Verbatim}{fontsize=\scriptsize,breaklines=true}"),
    # fonts of the system, numbers and a frame on grey, wrapped rows begin with a red arrow
    "framed-arrows": Preamble(
        r"\documentclass[11pt,oneside,numbers=noendperiod]{scrbook}\usepackage{fontspec}"
        r"\IfFontExistsTF{Carlito}{\setmainfont{Carlito}}{}"
        r"\IfFontExistsTF{DejaVu Sans Mono}{\setmonofont{DejaVu Sans Mono}[Scale=0.8]}{}"
        r"\usepackage{xcolor,microtype,scrlayer-scrpage}\usepackage[margin=2.5cm]{geometry}"
        r"\ohead{\headmark}\ihead{A Shelf of Programs}"
        + _LISTING % (r"basicstyle=\ttfamily\small,backgroundcolor=\color{black!4},frame=single,"
                      r"rulecolor=\color{black!30},breakatwhitespace=false,columns=fixed,"
                      r"numberstyle=\tiny\color{gray},xleftmargin=2em,framexleftmargin=2em,"
                      r"postbreak=\mbox{\textcolor{red}{$\hookrightarrow$}\space}"),
        engine="xelatex"),
    # coloured code with numbers at the right edge, ruled heads, chapters with a dash
    "numbers-right": Preamble(
        r"\documentclass[10pt,twoside]{memoir}\usepackage[T1]{fontenc}\usepackage{libertine}"
        r"\usepackage[scaled=.85]{beramono}\usepackage{fancyvrb,fvextra,xcolor,microtype,textcomp}"
        r"\pagestyle{ruled}\chapterstyle{dash}",
        coloured=True),
    # an article: two columns, rules above and below numbered code, footnotes
    "two-columns-lined": Preamble(
        r"\documentclass[9pt,twocolumn,twoside]{extarticle}\usepackage{tgtermes,tgcursor}"
        r"\usepackage[T1]{fontenc}\usepackage[margin=17mm]{geometry}\usepackage{textcomp}"
        r"\let\chapter\section\let\section\subsection\let\subsection\subsubsection"
        r"\let\subsubsection\paragraph\pagestyle{headings}"
        + _LISTING % (r"basicstyle=\ttfamily\scriptsize,numberstyle=\tiny,numbersep=3pt,"
                      r"xleftmargin=9pt,upquote=true,columns=fullflexible,frame=lines")),
}  # fmt: skip

HOUSE_TEX = {
    # notes in the outer margin of left and right pages, a bar at the left of code
    "outer-notes-bar": Preamble(
        r"\documentclass[10pt,twoside]{scrbook}\usepackage[T1]{fontenc}\usepackage{lmodern,textcomp}"
        r"\usepackage{marginnote,microtype}"
        r"\usepackage[inner=20mm,outer=58mm,marginparwidth=42mm,marginparsep=5mm]{geometry}"
        r"\usepackage[most]{tcolorbox}\tcbuselibrary{listings,skins}"
        r"\renewcommand*{\marginfont}{\footnotesize\sffamily}"
        r"\newtcblisting{code}{listing only,breakable,enhanced,frame hidden,colback=white,"
        r"borderline west={2.5pt}{0pt}{blue!50!black},left=8pt,boxrule=0pt,"
        r"listing options={basicstyle=\ttfamily\scriptsize,columns=fullflexible,keepspaces=true,"
        r"upquote=true,breaklines=true}}",
        ),
    # as Pandoc sets it: coloured words in a shaded frame, no outline
    "shaded": Preamble(
        r"\documentclass[11pt,oneside]{book}\usepackage{fontspec,microtype,xcolor,framed}"
        r"\usepackage{fancyvrb,fvextra}\usepackage[margin=1in]{geometry}"
        r"\definecolor{shadecolor}{RGB}{248,248,248}",
        engine="xelatex", coloured=True, around="snugshade"),
}  # fmt: skip


def set_tex(records: list[Record], name: str, path: Path) -> str | None:
    """Write a PDF of ASCII records; says why when LaTeX or Pygments is not there."""
    preamble = TEX.get(name) or HOUSE_TEX[name]
    setup = preamble.text
    try:
        if preamble.coloured:
            setup += _formatter(preamble).get_style_defs()
    except ImportError:
        return "pygments is not installed"
    out: list[str] = []
    for record in records:
        if record.get("role") in ("footnote", "margin"):
            command = "footnote" if record["role"] == "footnote" else "marginnote"
            out[-1] += f"\\{command}{{{words(record['text'])}}}"
        elif record["kind"] == "code" and preamble.coloured:
            out.append(_coloured(record, preamble))
        else:
            out.append(block(record))
    body = "\n\n".join(out)
    text = f"{setup}\n\\setcounter{{secnumdepth}}{{2}}\n\\begin{{document}}\n\\sloppy\n{body}\n"
    return compiled(text + "\\end{document}\n", preamble.engine, path)


def _formatter(preamble: Preamble) -> Any:
    from pygments.formatters.latex import LatexFormatter

    wraps = "breaklines=true,breakanywhere=true"
    wraps += "" if preamble.around else ",numbers=right,numbersep=4pt"
    return LatexFormatter(verboptions=rf"fontsize=\footnotesize,{wraps}")


def _coloured(record: Record, preamble: Preamble) -> str:
    from pygments import highlight
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(str(record.get("lang") or "elixir"), stripnl=False)
    except ClassNotFound:
        lexer = get_lexer_by_name("text", stripnl=False)
    made = highlight(str(record["text"]), lexer, _formatter(preamble))
    frame = preamble.around
    return f"\\begin{{{frame}}}\n{made}\\end{{{frame}}}" if frame else made
